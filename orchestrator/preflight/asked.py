"""What a campaign asks besides its space: signals, rewards, budget, where to finish."""

import os
from collections.abc import Iterator, Mapping

from orchestrator.domain.events import MAX_PAYLOAD_BYTES, canonical_json
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.protocols import Reward
from orchestrator.domain.space import Categorical, Space, extent
from orchestrator.domain.spec import CampaignSpec
from orchestrator.preflight.plan_calls import problems_with_metadata
from orchestrator.preflight.problems import Locate, refuse
from orchestrator.wording import choose_from, dotted

_MAX_SPEC_BYTES = MAX_PAYLOAD_BYTES // 2
"""The instrument's description travels in the same ledger event."""


def check_spec(spec: CampaignSpec, description: InstrumentDescription, rewards: Mapping[str, Reward], *, locate: Locate = dotted) -> None:
    """Refuse what the instrument cannot give or the budget cannot pay for.

    Args:
        spec: As written; its space is ``resolve_space``'s business.
        description: What the instrument says of itself.
        rewards: By objective name, in the spec's order.
        locate: Names a key path in messages.

    Raises:
        SpecError: Names every problem, a line each: thing, value, limit and way out.
    """
    refuse(
        (
            *problems_with_metadata(spec, description, locate),
            *_unknown_signals(spec, description, locate),
            *_signals_rewards_lack(spec, description, rewards, locate),
            *_unreadable_limits(spec, description, rewards, locate),
            *_repeated_names(spec, locate),
            *_missing_folders(rewards, locate),
            *_budget_problems(spec, locate),
            *_untold_dose(spec, description, locate),
            *_missing_parks(spec, description, locate),
            *_too_long(spec, locate),
        )
    )


def require_dose(limit: float | None, description: InstrumentDescription, *, locate: Locate = dotted) -> None:
    """Refuse a dose budget where the instrument tells no dose. Raises SpecError."""
    refuse(_no_dose(limit, description, locate))


def check_safe_start(spec: CampaignSpec, space: Space, *, locate: Locate = dotted) -> None:
    """Refuse safe starts that cannot be measured. Raises SpecError with a line for each."""
    refuse(
        f"{locate(('safe_start', index))}: {'; '.join(problems)}; give a point of the space"
        for index, point in enumerate(spec.safe_start)
        if (problems := space.problems(point))
    )


def check_exposure(spec: CampaignSpec, space: Space, *, locate: Locate = dotted) -> None:
    """Refuse ``measure.exposure_from`` where it names nothing that says how many seconds a trial counts. Raises SpecError."""
    refuse(_unfit_exposure(spec, space, locate))


def _unfit_exposure(spec: CampaignSpec, space: Space, locate: Locate) -> Iterator[str]:
    name = spec.measure.exposure_from
    if name is None:
        return
    where, parameter = f"{locate(('measure', 'exposure_from'))} = {name!r}", space.parameters.get(name)
    if parameter is None:
        yield f"{where} is no parameter of the space; {choose_from(name, space.parameters)}"
    elif isinstance(parameter, Categorical):
        yield f"{where} is categorical; name a parameter that is a number of seconds"
    elif parameter.unit not in ("", "s"):
        yield f"{where} is set in {parameter.unit}; name a parameter in seconds, or write exposure: SECONDS"
    elif (low := extent(parameter)[0]) < 0:
        yield f"{where} begins at {low:g} s; give space.{name} a lower limit of 0 s or more"


def _unknown_signals(spec: CampaignSpec, description: InstrumentDescription, locate: Locate) -> Iterator[str]:
    for index, name in enumerate(spec.measure.signals):
        where = locate(("measure", "signals", index))
        if name not in description.signals:
            yield f"{where}: the instrument has no signal {name!r}; {choose_from(name, description.signals)}"
        if name in spec.measure.signals[:index]:
            yield f"{where}: {name!r} is listed twice; keep one"


def _signals_rewards_lack(
    spec: CampaignSpec, description: InstrumentDescription, rewards: Mapping[str, Reward], locate: Locate
) -> Iterator[str]:
    read = spec.measure.signals or tuple(description.signals)
    for index, reward in enumerate(rewards.values()):
        for name in reward.signals():
            where = locate(("rewards", index))
            if name not in description.signals:
                yield f"{where} needs signal {name!r}, which the instrument does not have; {choose_from(name, description.signals)}"
            elif name not in read:
                yield f"{where} needs signal {name!r}, which measure.signals leaves out; add it there"


def _unreadable_limits(
    spec: CampaignSpec, description: InstrumentDescription, rewards: Mapping[str, Reward], locate: Locate
) -> Iterator[str]:
    scalars = [name for name, signal in description.signals.items() if signal.kind == "scalar"]
    for name in spec.limits:
        where, signal = locate(("limits", name)), description.signals.get(name)
        if name in rewards:
            continue
        if signal is None:
            known = dict.fromkeys([*scalars, *rewards])
            yield f"{where}: no scalar signal of the instrument and no objective is called {name!r}; {choose_from(name, known)}"
        elif signal.kind != "scalar":
            kind = f"{'an' if signal.kind == 'image' else 'a'} {signal.kind}"
            yield f"{where}: {name} is {kind}, which has no single value; give a reward of it a name, and limit that"
        elif spec.measure.signals and name not in spec.measure.signals:
            yield f"{where} needs signal {name!r}, which measure.signals leaves out; add it there"


def _repeated_names(spec: CampaignSpec, locate: Locate) -> Iterator[str]:
    names = [reward.name for reward in spec.rewards]
    for index, name in enumerate(names):
        if name is not None and name in names[:index]:
            yield f"{locate(('rewards', index, 'name'))} = {name!r}: another reward is called so too; give each its own name"


def _missing_folders(rewards: Mapping[str, Reward], locate: Locate) -> Iterator[str]:
    for index, reward in enumerate(rewards.values()):
        folder = getattr(reward, "answers_folder", None)
        if folder is not None and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            where = locate(("rewards", index, "answers", "folder"))
            yield f"{where} = {folder}: no such folder, or not one where files can be read and moved; make it: mkdir -p {folder}"


def _budget_problems(spec: CampaignSpec, locate: Locate) -> Iterator[str]:
    budget, each, chosen = spec.budget, spec.least_exposure, spec.measure.exposure_from
    if budget.exposure is None:
        return
    where = locate(("budget", "exposure"))
    if budget.exposure < each:
        told = f"measure.exposure = {each:g} s" if chosen is None else f"{each:g} s at least, where {chosen} begins"
        yield f"{where} = {budget.exposure:g} s: one trial takes {told}; give at least that"
    if each == 0 and chosen is None and not any((budget.trials, budget.wall_time, budget.until, budget.dose)):
        yield f"{where} = {budget.exposure:g} s: never spent, since measure.exposure = 0 s; set it, or give trials or wall_time too"


def _untold_dose(spec: CampaignSpec, description: InstrumentDescription, locate: Locate) -> Iterator[str]:
    """Refuse a dose budget that would never be spent, because nobody tells what a trial adds."""
    if spec.budget.dose is None:
        return
    where, rule = locate(("budget", "dose")), description.dose
    if rule is None:
        yield from _no_dose(spec.budget.dose, description, locate)
        return
    budget, is_free = spec.budget, rule.per == "second" and spec.measure.exposure == 0 and spec.measure.exposure_from is None
    if is_free and not any((budget.trials, budget.wall_time, budget.until, budget.exposure)):
        yield f"{where} = {spec.budget.dose:g}: never spent, since measure.exposure = 0 s; set it, or give trials too"
    if rule.signal is not None and spec.measure.signals and rule.signal not in spec.measure.signals:
        yield f"{where} needs signal {rule.signal!r}, which measure.signals leaves out; add it there"


def _no_dose(limit: float | None, description: InstrumentDescription, locate: Locate) -> Iterator[str]:
    if limit is not None and description.dose is None:
        where = locate(("budget", "dose"))
        yield f"{where} = {limit:g}: the instrument tells no dose; add dose to the site file, or limit budget.exposure"


def _missing_parks(spec: CampaignSpec, description: InstrumentDescription, locate: Locate) -> Iterator[str]:
    if spec.on_finish != "park":
        return
    moved = [name for name in spec.space or description.axes if name in description.axes]
    homeless = [name for name in moved if description.axes[name].park is None]
    if homeless:
        yield f"{locate(('on_finish',))} = park: {', '.join(homeless)} has no park position; use stay, best, believed or start"


def _too_long(spec: CampaignSpec, locate: Locate) -> Iterator[str]:
    """Refuse what the first ledger event could not hold; candidates are kept beside the ledger."""
    length = len(canonical_json(spec.model_dump(mode="json", exclude={"candidates"})).encode())
    if length > _MAX_SPEC_BYTES:
        where = locate(("metadata",) if spec.metadata else ("name",))
        yield f"{where}: without candidates the campaign is {length:,} bytes long, above {_MAX_SPEC_BYTES:,}; keep long metadata elsewhere"

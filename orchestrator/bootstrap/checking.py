"""What would happen if a campaign ran; nothing moves and nothing is recorded."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from orchestrator import plugins
from orchestrator.bootstrap import answer_places, assembling
from orchestrator.bootstrap.earlier import earlier_of
from orchestrator.bootstrap.foreseen import foreseen
from orchestrator.bootstrap.rehearsed_routines import times_due
from orchestrator.bootstrap.rig import Rig
from orchestrator.bootstrap.samples.preparing import check_stages, prepared
from orchestrator.bootstrap.workplace import Workplace, open_workplace
from orchestrator.campaign_file import CampaignFile
from orchestrator.domain import events as ev
from orchestrator.domain.errors import SpecError
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.ports import InstrumentStatus
from orchestrator.domain.routines import Routine
from orchestrator.domain.samples import SamplesSpec, Stage, required_by
from orchestrator.domain.space import Categorical, LinearConstraint, Ordinal, Parameter, Space, is_logarithmic, show_point
from orchestrator.domain.spec import CampaignSpec, ReadingsFile
from orchestrator.engine.scoring import Judge
from orchestrator.preflight import check_plan, fitted, resolve_space
from orchestrator.store.artefacts import FolderArtefacts
from orchestrator.store.memory import MemoryLedger
from orchestrator.wording import in_words

OpenWorkplace = Callable[[], AbstractContextManager[Workplace]]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found, a sentence per line."""

    lines: tuple[str, ...]


def check(file: CampaignFile, *, connect: bool = False, workplace: OpenWorkplace = open_workplace) -> CheckReport:
    """Validate a campaign, against the hardware if asked, and say what it would do.

    Args:
        file: The campaign.
        connect: Whether to connect to the instrument.
        workplace: Opens where the campaigns are that it names as earlier ones.

    Raises:
        BadInput: If it cannot be run; names thing, value, limit and way out.
        InstrumentError: If a device does not answer.
    """
    if isinstance(file.spec, SamplesSpec):
        return CheckReport(tuple(_samples(file, file.spec, connect=connect)))
    spec = assembling.with_absolute_paths(file.spec, file.folder)
    assembling.check_agents(spec)
    rewards = assembling.build_rewards(spec)
    assembling.build_guardians(spec)
    described = _connected(spec) if connect else _offline(spec)
    if described is None:
        return CheckReport((*_what(spec), *_named(spec), *_as_lent(file, spec)))
    description, status = described
    resolved, space = assembling.resolve(file, spec, description, rewards, None)
    begins_with = _begun_with(file, resolved, space, workplace)
    return CheckReport((*_what(resolved), *begins_with, *_where(space), *_instrument(description, status)))


def _as_lent(file: CampaignFile, spec: CampaignSpec) -> Iterator[str]:
    """Yield where would be searched as far as a site file tells, and what is seen only when connected.

    Raises:
        SpecError: If the campaign wants what the site file does not lend; names thing, value, limit and way out.
    """
    try:
        lent = foreseen(spec.instrument)
    except SpecError as error:
        yield f"the site file tells too little to compare with: {error}; or add --connect"
        return
    if lent is None:
        yield f"{spec.instrument.type} tells its axes and limits only when connected; add --connect to compare them"
        return
    lent = fitted(lent, spec)
    check_plan(spec, lent, locate=file.locate)
    yield from _where(resolve_space(spec, lent, assembling.written_candidates(spec, file.folder), locate=file.locate))
    yield f"compared with what the site file lends; {spec.instrument.type} tells what it reads only when connected: add --connect"


def _named(spec: CampaignSpec) -> Iterator[str]:
    """Yield whose measurements would be begun with; which of them suit the campaign is seen once its space is known."""
    if spec.earlier:
        named = ", ".join(each.csv if isinstance(each, ReadingsFile) else each for each in spec.earlier)
        yield f"begins with what was measured earlier: {named}"


def _begun_with(file: CampaignFile, spec: CampaignSpec, space: Space, workplace: OpenWorkplace) -> tuple[str, ...]:
    """Return what would be taken of earlier measurements, a sentence for each source."""
    if not spec.earlier:
        return ()
    with workplace() as place:
        judge = Judge(assembling.build_rewards(spec), place.artefacts, place.frames)
        events = earlier_of(place, file, spec, space, judge).events
    return tuple(event.text for event in events if isinstance(event, ev.NoteLeft))


def _samples(file: CampaignFile, written: SamplesSpec, *, connect: bool) -> Iterator[str]:
    """Check every stage as the first sample would go through it; yield what each would do, and what all of it takes at most."""
    spec = prepared(file, written, None)
    described = _connected(spec) if connect else _offline(spec)
    yield f"campaign {spec.name}, seed {spec.seed}: {len(spec.samples)} samples × {len(spec.stages)} stages on {spec.instrument.type}"
    if described is None:
        yield f"{spec.instrument.type} tells its axes and limits only when connected; add --connect to check the stages against them"
        return
    description, status = described
    checked = check_stages(file, spec, description, None)
    for name, part in checked.items():
        yield from _stage(spec, name, part)
    yield from _whole(spec, checked)
    yield from _instrument(description, status)


def _stage(spec: SamplesSpec, name: str, part: CampaignSpec) -> Iterator[str]:
    stage = spec.stages[name]
    after = f", after {', '.join(required_by(spec, name))}" if required_by(spec, name) else ""
    yield f"stage {name}{after}; when it fails: {stage.on_failure}"
    if part.measure.plan is not None:
        yield f"  calls {part.measure.plan.name}"
    goals = ", ".join(f"{reward.objective().goal} {goal}" for goal, reward in assembling.build_rewards(part).items())
    yield f"  {goals} with agent {part.agent.type}; budget of each sample: {_budget(part)}"
    for key, parameter in part.space.items():
        kept = f"stays where {' and '.join(stage.origin)} was best" if key in part.fixed else _range(parameter)
        about = ", counted from the origin" if key in (stage.space or {}) and _is_moved(spec, stage, key) else ""
        yield f"  {key}: {kept}{about}"
    yield from (f"  succeeds when {limit.in_words(key)}" for key, limit in stage.succeeds_when.items())


def _is_moved(spec: SamplesSpec, stage: Stage, key: str) -> bool:
    return any(key in (spec.stages[name].space or spec.space) for name in stage.origin)


def _whole(spec: SamplesSpec, checked: Mapping[str, CampaignSpec]) -> Iterator[str]:
    """Yield what all samples together take at most."""
    n = len(spec.samples)
    trials = [part.budget.trials for part in checked.values()]
    if None not in trials:
        exposure = sum((part.budget.trials or 0) * part.measure.exposure for part in checked.values())
        told = f"; {in_words(n * exposure)} of exposure, moves not counted: run --simulate tells them" if exposure else ""
        yield f"in all at most {n} × {sum(count or 0 for count in trials)} = {n * sum(count or 0 for count in trials)} trials{told}"
    whole = _budget(spec)
    yield f"budget of the whole: {whole or 'that of its stages'}"


def _offline(spec: CampaignSpec) -> tuple[InstrumentDescription, None] | None:
    """Return what the instrument says without being connected, or None where only the hardware knows."""
    if getattr(plugins.load("instrument", spec.instrument.type), "needs_connection", False):
        return None
    return fitted(plugins.build("instrument", spec.instrument).describe(), spec), None


def _connected(spec: CampaignSpec) -> tuple[InstrumentDescription, InstrumentStatus]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        artefacts = FolderArtefacts(Path(folder) / "artefacts")
        rig = Rig(Workplace(MemoryLedger(), artefacts, Path(folder), "memory:"), "check", spec, stack)
        rig.connect()
        return rig.description, rig.executor.status()


def _what(spec: CampaignSpec) -> tuple[str, ...]:
    goals = ", ".join(f"{reward.objective().goal} {name}" for name, reward in assembling.build_rewards(spec).items())
    guardians = ", ".join(assembling.build_guardians(spec))
    return (
        f"campaign {spec.name}, seed {spec.seed}: {goals} on {spec.instrument.type}",
        f"agent {spec.agent.type} (at most {spec.agent.timeout:g} s a suggestion), then {spec.fallback.type}",
        *_limits(spec),
        f"guardians: {guardians}",
        f"budget: {_budget(spec)}",
        *_analysis(spec),
        *_answers(spec),
        *(_routine(routine, spec) for routine in spec.every),
        f"approval: {spec.approval.mode}; when an attempt's fate is unknown: {spec.on_ambiguous}; at the end: {spec.on_finish}",
    )


def _limits(spec: CampaignSpec) -> Iterator[str]:
    """Yield what measured signals must keep to, and which agent does not care."""
    for name, limit in spec.limits.items():
        how = "safe: the search stays where its model is sure of it" if limit.safe else "learned: what probably breaks it is passed over"
        yield f"limit {limit.in_words(name)}, {how}"
    if spec.limits and not plugins.heeds_limits(spec.agent):
        yield f"agent {spec.agent.type} does not heed limits: it goes anywhere, and they only decide which point is the best"


def _analysis(spec: CampaignSpec) -> tuple[str, ...]:
    """Return how analysis that answers later is waited for, a line for each objective it tells."""
    told = {name: reward.objective().later for name, reward in assembling.build_rewards(spec).items()}
    return tuple(
        f"{name} is told later: at most {later.max_pending} trials wait for it, "
        + ("for ever" if later.timeout is None else f"each at most {in_words(later.timeout)}, then {later.on_timeout}")
        for name, later in told.items()
        if later is not None
    )


def _answers(spec: CampaignSpec) -> Iterator[str]:
    """Yield where answers are looked for in Tiled, and what counts as one."""
    place = None
    for one in answer_places.answer_catalogues(assembling.build_rewards(spec)):
        place = place or answer_places.answering_tiled()
        which = f"{one.run} is the uid of its run" if one.run is not None else f"{one.trial} names campaign and trial"
        told = ", ".join(f"{name} = {value}, sd {sd}" for name, (value, sd) in one.keys.items())
        at = "the site's Tiled server, which no site file names" if place is None else f"Tiled at {place.uri}"
        yield f"answers are read from {'/'.join(filter(None, (place and place.path, one.path)))} in {at}: {which}; {told}"


def _routine(routine: Routine, spec: CampaignSpec) -> str:
    """Return ``take_dark: dark, every 20 trials: 3 times in 50 trials; if it fails: hold``."""
    often = [
        *([f"every {routine.trials} trials"] if routine.trials is not None else []),
        *([f"every {routine.minutes:g} min"] if routine.minutes is not None else []),
        *(f"after {occasion}" for occasion in routine.after),
    ]
    place = "" if routine.plan is not None else f" at {routine.place if isinstance(routine.place, str) else show_point(routine.place)}"
    n, also = spec.budget.trials, ", and by the clock" if routine.minutes is not None else ""
    count = "" if n is None else f": {times_due(routine, n, 0.0)} times in {n} trials{also}"
    return f"{routine.id}: {routine.kind or 'routine'}{place}, {', '.join(often)}{count}; if it fails: {routine.on_failure}"


def _budget(spec: CampaignSpec) -> str:
    budget, exposure = spec.budget, spec.measure.exposure
    limits = {
        "trials": budget.trials,
        "wall time [s]": budget.wall_time,
        "until": budget.until,
        "exposure [s]": budget.exposure,
        "dose": budget.dose,
    }
    told = ", ".join(f"{name} {value}" for name, value in limits.items() if value is not None)
    if spec.measure.exposure_from is not None:
        return f"{told}; each trial counts as long as its {spec.measure.exposure_from} says"
    if budget.trials is None or exposure == 0:
        return told
    return f"{told}; {budget.trials} × {exposure:g} s exposure = {budget.trials * exposure:g} s of beam, moves not counted"


def _where(space: Space) -> tuple[str, ...]:
    parameters = tuple(f"  {name}: {_range(parameter)}" for name, parameter in space.parameters.items())
    constraints = tuple(f"  constraint: {_bounded(constraint)}" for constraint in space.constraints)
    pool = () if space.candidates is None else (f"  only {len(space.candidates)} candidates can be measured",)
    return ("space:", *parameters, *constraints, *pool)


def _bounded(constraint: LinearConstraint) -> str:
    lower = "" if constraint.lower is None else f"{constraint.lower:g} ≤ "
    upper = "" if constraint.upper is None else f" ≤ {constraint.upper:g}"
    return f"{lower}{constraint}{upper}"


def _range(parameter: Parameter) -> str:
    unit = f" {parameter.unit}" if parameter.unit else ""
    if isinstance(parameter, Ordinal | Categorical):
        shown = ", ".join(map(str, parameter.values[:8])) + (", …" if len(parameter.values) > 8 else "")
        return f"{shown}{unit} ({parameter.type})"
    low, high = parameter.limits
    scale = ", log" if is_logarithmic(parameter) else ""
    return f"{low:g} … {high:g}{unit} ({parameter.type}{scale})"


def _instrument(description: InstrumentDescription, status: InstrumentStatus | None) -> tuple[str, ...]:
    signals = ", ".join(f"{name} [{signal.unit}]" if signal.unit else name for name, signal in description.signals.items())
    lines = [f"instrument {description.identity or 'private to this run'} reads {signals}"]
    if description.interlocks:
        lines.append(f"interlocks: {', '.join(description.interlocks)}")
    written = [name for name, signal in description.signals.items() if signal.is_file]
    if written:
        where = f" under {description.files.root}" if description.files.root else ""
        lines.append(f"{', '.join(written)}: in files{where}, waited for at most {description.files.wait_s:g} s after a run")
    if status is not None:
        lines.append("connected; axes at " + ", ".join(f"{name} = {value}" for name, value in status.positions.items()))
        lines.extend(f"interlock {name} is not satisfied now" for name in status.lost)
    lines.append("nothing was moved")
    return tuple(lines)

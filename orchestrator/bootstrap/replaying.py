"""Asking every question again: does the agent, shown the same history, want the same points?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orchestrator.bootstrap import assembling, children
from orchestrator.bootstrap.reading import find, load_state
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain import events as ev
from orchestrator.domain.errors import AgentError
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.records import Suggestion
from orchestrator.domain.space import same_point, show_point
from orchestrator.domain.spec import CampaignSpec
from orchestrator.engine.agent_host import ProcessAgentHost
from orchestrator.engine.agent_server import Role

_REPLAY_TIMEOUT = 3600.0
"""A replay proves what was decided, not how fast."""


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay found."""

    n_decisions: int
    n_model_based: int
    """Decisions whose evidence carries a prediction."""
    difference: str | None
    """The first trial where the fresh agent wants another point, or None."""


def replay(workplace: Workplace, campaign: str, *, progress: Callable[[int], None] | None = None) -> ReplayReport:
    """Ask a fresh agents' process for every suggestion again, showing it only what came before."""
    campaign = find(workplace, campaign)
    parts = load_state(workplace, campaign).parts.by_place.values()
    if parts:
        return _replay_parts(workplace, [part.id for part in parts if workplace.ledger.last_seq(part.id)], progress)
    events = workplace.ledger.read(campaign)
    host = _fresh_host(workplace, campaign, events[:1])
    n_decisions = n_model_based = n_shown = 0
    try:
        for event in events:
            data = event.data
            if not isinstance(data, ev.TrialSuggested) or data.role not in ("agent", "fallback"):
                continue
            fresh = events[n_shown : data.based_on]
            if any(isinstance(event.data, ev.CampaignAmended) for event in fresh):
                host.close()
                host, fresh = _fresh_host(workplace, campaign, events[: data.based_on]), events[: data.based_on]
            host.sync(fresh)
            n_shown = data.based_on
            difference = _difference(host, data.role, data)
            n_decisions += 1
            n_model_based += int(bool(data.evidence.predicted))
            if difference is not None:
                return ReplayReport(n_decisions, n_model_based, difference)
            if progress is not None:
                progress(n_decisions)
    finally:
        host.close()
    return ReplayReport(n_decisions, n_model_based, None)


def _replay_parts(workplace: Workplace, parts: Sequence[str], progress: Callable[[int], None] | None) -> ReplayReport:
    """Replay one part after another, until one differs."""
    n_decisions = n_model_based = 0
    for part in parts:
        before = n_decisions
        found = replay(workplace, part, progress=None if progress is None else lambda done, before=before: progress(before + done))
        n_decisions, n_model_based = n_decisions + found.n_decisions, n_model_based + found.n_model_based
        if found.difference is not None:
            return ReplayReport(n_decisions, n_model_based, f"{part}: {found.difference}")
    return ReplayReport(n_decisions, n_model_based, None)


def _fresh_host(workplace: Workplace, campaign: str, events: tuple[LedgerEvent, ...]) -> ProcessAgentHost:
    """Return agents for the spec as it was after these events; they have been shown nothing yet."""
    spec = _spec_after(events)
    space = assembling.recorded_space(spec, workplace.artefacts)
    objectives = workplace.objectives(campaign)
    return ProcessAgentHost(
        lambda: children.start_agents(spec, space, objectives),
        {"agent": _REPLAY_TIMEOUT, "fallback": _REPLAY_TIMEOUT},
        past=tuple,
    )


def _spec_after(events: Sequence[LedgerEvent]) -> CampaignSpec:
    return next(event.data.spec for event in reversed(events) if isinstance(event.data, ev.CampaignCreated | ev.CampaignAmended))


def _difference(host: ProcessAgentHost, role: Role, recorded: ev.TrialSuggested) -> str | None:
    """Return how the fresh answer differs from the recorded one, which the agent has not been shown."""
    try:
        answer: Suggestion = host.ask(role)
    except AgentError as error:
        return f"trial {recorded.trial}: recorded {show_point(recorded.point)}; now the {role} fails: {error}"
    if same_point(answer.point, recorded.point):
        return None
    return f"trial {recorded.trial}: recorded {show_point(recorded.point)}; now {show_point(answer.point)}"

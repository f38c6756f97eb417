"""The one line a tired person reads first: how a campaign stands, since when, why, and what happens next."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, assert_never

from orchestrator.domain.analysis import is_full, most_pending, waiting_since
from orchestrator.domain.campaign import CampaignState, Status, Trial, TrialStatus
from orchestrator.domain.ending import why_finish
from orchestrator.domain.records import Answer
from orchestrator.domain.samples import SamplesSpec
from orchestrator.wording import in_words

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Level = Literal["ok", "waiting", "attention", "bad", "done"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign in one line."""

    level: Level
    """All is well · nothing to do but wait · a person is needed · something is wrong · over."""
    word: str
    sentence: str
    since: datetime | None
    next: str = ""
    """What happens by itself, or what somebody should do."""


def standing(state: CampaignState, *, has_runner: bool, since: datetime | None = None, part: Standing | None = None) -> Standing:
    """Return how a campaign stands.

    Args:
        state: As of its last ledger event.
        has_runner: Whether a living process drives it.
        since: When what goes on now began; by default the last event, even if that was only a note.
        part: Of a campaign over samples, how the part stands that runs now: what it waits for, the whole waits for.
    """
    if state.status is Status.RUNNING and not has_runner:
        return _deserted(state)
    if state.status is Status.RUNNING and isinstance(state.spec, SamplesSpec):
        return _taking(state, state.spec, part)
    return _attended(state if since is None else replace(state, updated_at=since), has_runner)


def _attended(state: CampaignState, has_runner: bool) -> Standing:
    match state.status:
        case Status.CREATED:
            return _created(state, has_runner)
        case Status.RUNNING:
            return _running(state)
        case Status.HELD:
            return Standing("attention", "held", _because("Something needs a person", state), state.updated_at, _after_hold(state))
        case Status.PAUSED:
            then = "Resume it when you are ready; nothing moves until then."
            return Standing("waiting", "paused", _because("Paused", state), state.updated_at, then)
        case Status.STOPPED:
            then = "It can be resumed; nothing measured is lost."
            return Standing("done", "stopped", _because("Stopped, the instrument is safe", state), state.updated_at, then)
        case Status.FAILED:
            then = "Mend the cause, then resume; nothing measured is lost."
            return Standing("bad", "failed", _because("It could not go on", state), state.updated_at, then)
        case Status.ABORTED:
            return Standing("done", "aborted", _because("Ended for good", state), state.updated_at, "Read the report.")
        case Status.COMPLETED:
            return Standing("done", "done", _because("Completed", state), state.updated_at, "Read the report.")
        case _:
            assert_never(state.status)


def _because(what: str, state: CampaignState) -> str:
    reason = state.reason.strip().removesuffix(".")
    return f"{what}: {reason}." if reason else f"{what}."


def _created(state: CampaignState, has_runner: bool) -> Standing:
    if has_runner:
        return Standing("ok", "starting", "The instrument is being connected.", state.created_at, "The first suggestion follows.")
    return Standing(
        "waiting", "not started", "Recorded and checked, but not started.", state.created_at, "Start it when the beam is yours."
    )


def _deserted(state: CampaignState) -> Standing:
    trial = state.current
    if trial is not None and trial.status is TrialStatus.WAITING:
        sentence = f"Trial {trial.number} waits for your approval, and nobody runs the campaign meanwhile."
        return Standing("attention", "nobody runs it", sentence, trial.waiting_since, "Approve, edit or veto it, then resume.")
    busy = "" if trial is None else f" during trial {trial.number}"
    return Standing(
        "bad",
        "nobody runs it",
        f"The process that drove it is gone{busy}; the instrument was made safe by its own processes.",
        state.updated_at,
        "The supervisor starts another; without one, resume it. Every measurement so far is kept.",
    )


def _after_hold(state: CampaignState) -> str:
    trial = state.current
    if trial is not None and trial.status is TrialStatus.STARTED:
        return f"Approve to measure trial {trial.number} again, or veto it."
    return "Look at the instrument, then resume or stop."


def _running(state: CampaignState) -> Standing:
    if state.lost_interlocks:
        return _without(state)
    trial = state.current
    if trial is None and state.awaiting and (is_full(state) or _is_spent(state)):
        return _without_analysis(state)
    if trial is None:
        doing = "Nothing has been measured yet; " if not state.trials else ""
        sentence = f"{doing}{state.spec.agent.type} chooses trial {len(state.trials) + 1}."
        return Standing("ok", "thinking", sentence[0].upper() + sentence[1:], state.updated_at, "Then the guardians review it.")
    if trial.status is TrialStatus.WAITING:
        return _waiting(state, trial)
    return _busy(state, trial)


def _taking(state: CampaignState, spec: SamplesSpec, part: Standing | None) -> Standing:
    """Return which sample is taken through which stage, and what that part does or waits for."""
    running = state.parts.running
    if running is None:
        return Standing("ok", "running", "The next sample is chosen.", state.updated_at, "Then it goes through its stages.")
    place = f"sample {[sample.id for sample in spec.samples].index(running.sample) + 1} of {len(spec.samples)}"
    sentence = f"{running.sample} is in {running.stage}, {place}."
    if part is None:
        return Standing("ok", "running", sentence, running.started_at, f"What it does this moment: {running.id}.")
    return replace(part, sentence=f"{sentence} {part.sentence}")


def _is_spent(state: CampaignState) -> bool:
    """Return whether nothing more will be measured, as far as the last event tells."""
    return why_finish(state, state.updated_at or _LONG_AGO) is not None


def _without_analysis(state: CampaignState) -> Standing:
    """Return what is waited for while the instrument stands still for an analysis."""
    n, most = len(state.awaiting), most_pending(state)
    trials = f"{n} trial{'' if n == 1 else 's'}"
    if _is_spent(state):
        sentence = f"Everything is measured; the analysis of {trials} has not answered yet."
        then = "Ends by itself once all are answered, or have had their time."
    else:
        sentence = f"The analysis of {trials} has not answered yet, and no more than {most} may wait for it."
        then = "Goes on by itself with the next answer; look whether the analysis runs."
    return Standing("waiting", "waiting for analysis", sentence, waiting_since(state), then)


def _without(state: CampaignState) -> Standing:
    names = sorted(state.lost_interlocks)
    if not state.lost_interlocks - state.settling.keys():
        until = max(state.settling.values())
        said = f"{' and '.join(names)} is back; the site waits until {until:%H:%M:%S} UTC for the beamline to settle."
        return Standing("waiting", "settling", said, state.updated_at, "Then it goes on by itself.")
    meanings = [state.instrument.interlocks[name].meaning for name in names if name in state.instrument.interlocks]
    meaning = f" ({'; '.join(filter(None, meanings))} no longer holds)" if any(meanings) else ""
    return Standing(
        "waiting",
        f"{' and '.join(names)} lost",
        f"Nothing is measured without {' and '.join(names)}{meaning}. A reading it touched does not count.",
        state.updated_at,
        "Goes on by itself as soon as it is back.",
    )


def _waiting(state: CampaignState, trial: Trial) -> Standing:
    objections = [f"{verdict.guardian}: {verdict.reason}" for verdict in trial.verdicts if verdict.answer is Answer.HOLD]
    why = f" {'; '.join(objections)}." if objections else ""
    return Standing("attention", "held", f"Trial {trial.number} waits for your approval.{why}", trial.waiting_since, _after_silence(state))


def _after_silence(state: CampaignState) -> str:
    approval = state.spec.approval
    if approval.timeout is None:
        return "Approve, edit or veto it; it waits until you do."
    silence = {"skip": "it is skipped", "fallback": "the fallback agent chooses instead", "pause": "the campaign pauses"}
    return f"Approve, edit or veto it within {in_words(approval.timeout)}; otherwise {silence[approval.on_timeout]}."


def _busy(state: CampaignState, trial: Trial) -> Standing:
    again = f", attempt {trial.attempt}" if trial.attempt > 1 else ""
    if trial.routine:
        why = f"Carrying out {trial.routine}{again}: {trial.evidence.reason}."
        return Standing("ok", "running", why, state.updated_at, "Then the search goes on.")
    match trial.status:
        case TrialStatus.SUGGESTED | TrialStatus.READY:
            return Standing("ok", "running", f"Trial {trial.number} goes past the guardians.", state.updated_at, "Then it is measured.")
        case TrialStatus.STARTED:
            return Standing("ok", "running", f"Measuring trial {trial.number}{again}.", state.updated_at, "Then the reward scores it.")
        case _:
            return Standing("ok", "running", f"Scoring trial {trial.number}.", state.updated_at, "Then the agent chooses the next.")

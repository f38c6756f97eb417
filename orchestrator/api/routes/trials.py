"""Trials, what was decided about them, and what came of it."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import numpy as np
from fastapi import APIRouter, Path, Query

from orchestrator.api.asked import After, CampaignId, Limit, TrialNumber
from orchestrator.api.following import Followed
from orchestrator.api.security import allow
from orchestrator.api.services import Given
from orchestrator.api.shown.arrays import shown_array
from orchestrator.api.shown.detail import known_trial, shown_detail
from orchestrator.api.shown.progress import shown_progress
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import Trial as TrialState
from orchestrator.domain.errors import FramesUnreadable, UnknownArray
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.ports import Frames
from orchestrator.domain.spec import NAME
from orchestrator.wire import trials as wire

router = APIRouter(prefix="/campaigns/{campaign}", tags=["trials"])

_T = TypeVar("_T")


@router.get("/trials", **allow(Role.OBSERVER))
def read_trials(campaign: CampaignId, services: Given, after: After = 0, limit: Limit = 100) -> wire.Trials:
    """Return trials in order."""
    followed = services.cache.get(campaign)
    numbers, following = _page(followed, after, limit)
    return wire.Trials(trials=tuple(followed.trial(number) for number in numbers), next=following, seq=followed.state.seq)


def _page(followed: Followed, after: int, limit: int) -> tuple[range, int | None]:
    """Return the trials of a page, and after which the next one begins."""
    last = min(len(followed.state.trials), after + limit)
    return range(after + 1, last + 1), last if last < len(followed.state.trials) else None


@router.get("/trials/{trial}", **allow(Role.OBSERVER))
def read_trial(campaign: CampaignId, trial: TrialNumber, services: Given) -> wire.TrialDetail:
    """Return everything the ledger knows of one trial: evidence, attempts, verdicts, score, units."""
    return shown_detail(services.cache.get(campaign), trial, services.workplace.ledger)


@router.get("/trials/{trial}/explanation", **allow(Role.OBSERVER))
def read_explanation(campaign: CampaignId, trial: TrialNumber, services: Given) -> wire.Explanation:
    """Return why this point, in one to three sentences."""
    followed = services.cache.get(campaign)
    known_trial(followed, trial)
    return wire.Explanation(campaign=campaign, trial=trial, text=followed.trial(trial).why)


@router.get("/trials/{trial}/arrays/{signal}", **allow(Role.OBSERVER))
def read_array(
    campaign: CampaignId, trial: TrialNumber, signal: Annotated[str, Path(max_length=64, pattern=NAME)], services: Given
) -> wire.Array:
    """Return a spectrum or an image that was measured, thinned for the screen."""
    followed = services.cache.get(campaign)
    seen = known_trial(followed, trial).observation
    if seen is not None and signal in seen.arrays:
        ref = seen.arrays[signal]
        return shown_array(followed.state, trial, signal, services.workplace.artefacts.get_array(ref), ref=ref)
    if seen is not None and signal in seen.files:
        refs = seen.files[signal]
        return shown_array(followed.state, trial, signal, _first_frame(services.workplace.frames, refs[0]), files=refs)
    known = ", ".join((*seen.arrays, *seen.files)) if seen is not None else ""
    raise UnknownArray(f"trial {trial} has no spectrum or image called {signal!r}; it has {known or 'none'}")


def _first_frame(frames: Frames, ref: FrameRef) -> np.ndarray:
    try:
        return frames.read([ref.first_frame]).array
    except FramesUnreadable as error:
        raise UnknownArray(f"{error}; its file was moved, or its disk is not mounted here") from None


@router.get("/decisions", **allow(Role.OBSERVER))
def read_decisions(campaign: CampaignId, services: Given, after: After = 0, limit: Limit = 100) -> wire.Decisions:
    """Return what was suggested, by whom and why."""
    followed = services.cache.get(campaign)
    numbers, following = _page(followed, after, limit)
    return wire.Decisions(decisions=tuple(_decision(followed, number) for number in numbers), next=following)


def _decision(followed: Followed, number: int) -> wire.Decision:
    trial = followed.state.trial(number)
    return wire.Decision(
        trial=number,
        kind=str(trial.kind),
        agent=trial.agent,
        role=trial.role,
        point=trial.point,
        based_on=trial.based_on,
        why=followed.trial(number).why,
        predicted=trial.evidence.predicted,
        status=str(trial.status),
    )


def _having(followed: Followed, after: int, limit: int, get: Callable[[TrialState], _T | None]) -> tuple[list[tuple[int, _T]], int | None]:
    """Return the next trials that have something, with it; and after which trial the next page begins."""
    found: list[tuple[int, _T]] = []
    for trial in followed.state.trials[after:]:
        if len(found) == limit:
            return found, found[-1][0]
        got = get(trial)
        if got is not None:
            found.append((trial.number, got))
    return found, None


@router.get("/observations", **allow(Role.OBSERVER))
def read_observations(campaign: CampaignId, services: Given, after: After = 0, limit: Limit = 100) -> wire.Observations:
    """Return what was measured: setpoint and readback, readings, run uid."""
    found, following = _having(services.cache.get(campaign), after, limit, lambda trial: trial.observation)
    return wire.Observations(observations=tuple(seen for _, seen in found), next=following)


@router.get("/scores", **allow(Role.OBSERVER))
def read_scores(campaign: CampaignId, services: Given, after: After = 0, limit: Limit = 100) -> wire.Scores:
    """Return what the rewards made of it."""
    found, following = _having(services.cache.get(campaign), after, limit, lambda trial: trial.score)
    return wire.Scores(scores=tuple(wire.TrialScore(trial=number, score=score) for number, score in found), next=following)


@router.get("/verdicts", **allow(Role.OBSERVER))
def read_verdicts(campaign: CampaignId, services: Given, after: After = 0, limit: Limit = 100) -> wire.Verdicts:
    """Return what guardians said, allowances too; ``after`` and ``next`` are ledger sequence numbers."""
    services.cache.get(campaign)
    events = services.workplace.ledger.read(campaign, after=after, limit=limit)
    verdicts = tuple(
        wire.TrialVerdict(seq=event.seq, trial=event.data.trial, at=event.at, verdict=verdict)
        for event in events
        if isinstance(event.data, ev.TrialReviewed | ev.TrialMeasured | ev.TrialRemeasured)
        for verdict in event.data.verdicts
    )
    return wire.Verdicts(verdicts=verdicts, next=events[-1].seq if len(events) == limit else None)


@router.get("/best", **allow(Role.OBSERVER))
def read_best(campaign: CampaignId, services: Given, n: Annotated[int, Query(ge=1, le=100)] = 10) -> wire.Best:
    """Return the best trials by the first objective, best first."""
    followed = services.cache.get(campaign)
    if not followed.state.objectives:
        return wire.Best(objective="", goal="maximise", trials=())
    objective = followed.state.objectives[0]
    sign = 1.0 if objective.goal == "maximise" else -1.0
    scored = [(sign * best.value, -best.trial) for best in followed.bests]
    numbers = [-negative for _, negative in sorted(scored, reverse=True)[:n]]
    return wire.Best(objective=objective.name, goal=objective.goal, trials=tuple(followed.trial(number) for number in numbers))


@router.get("/pareto", **allow(Role.OBSERVER))
def read_pareto(campaign: CampaignId, services: Given, limit: Limit = 100) -> wire.ParetoFront:
    """Return the trials that no other beats in every objective at once."""
    followed = services.cache.get(campaign)
    objectives, numbers = followed.state.objectives, followed.front[:limit]
    return wire.ParetoFront(objectives=tuple(each.name for each in objectives), trials=tuple(followed.trial(number) for number in numbers))


@router.get("/progress", **allow(Role.OBSERVER))
def read_progress(campaign: CampaignId, services: Given) -> wire.Progress:
    """Return the best so far by trial, and what random points would have found."""
    return shown_progress(services.cache.get(campaign))

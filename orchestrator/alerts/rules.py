"""What people should be told of, decided from a campaign and the clock alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.alerts.configuration import Rules
from orchestrator.alerts.watched import Mark, Watched, wall_ratio
from orchestrator.domain.analysis import is_full
from orchestrator.domain.campaign import Status

_OLD_NEWS = timedelta(hours=1)
"""Whoever sets alerts up is not told how campaigns ended before."""
_ENDINGS = (Status.COMPLETED, Status.STOPPED, Status.ABORTED)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something people are told of once: a rule, and the ledger event that began it."""

    campaign: str
    rule: str
    opened: int


@dataclass(frozen=True, slots=True)
class Finding:
    """An incident that is open now, in words."""

    incident: Incident
    title: str


def findings(watched: Watched, rules: Rules, *, deserted_since: datetime | None, now: datetime) -> tuple[Finding, ...]:
    """Return what is wrong or over now, and has lasted as long as the rules ask.

    Args:
        watched: As of its last event.
        rules: What people want to be told of.
        deserted_since: Since when nobody is known to run it; None while somebody does.
        now: UTC.
    """
    found = (*_of_status(watched, rules, now), *_of_running(watched, rules, deserted_since, now), *_of_budgets(watched, rules, now))
    return tuple(Finding(Incident(watched.campaign, rule, mark.seq), title) for rule, mark, title in found)


def _of_status(watched: Watched, rules: Rules, now: datetime) -> Iterator[tuple[str, Mark, str]]:
    status, since = watched.state.shown_status, watched.status
    if status is Status.HELD and _has_lasted(since.at, rules.held, now):
        waits = "a suggestion waits for you" if watched.state.is_waiting_for_approval else "held"
        yield "held", since, waits
    if status is Status.FAILED and rules.failed:
        yield "failed", since, "failed"
    if status in _ENDINGS and rules.finished and now - since.at < _OLD_NEWS:
        yield "finished", since, str(status)


def _of_running(watched: Watched, rules: Rules, deserted_since: datetime | None, now: datetime) -> Iterator[tuple[str, Mark, str]]:
    state = watched.state
    if state.status is not Status.RUNNING:
        return
    if deserted_since is not None:
        if _has_lasted(deserted_since, rules.deserted, now):
            yield "deserted", watched.runner, "nobody runs it"
        return
    lost = [name for name, mark in watched.lost.items() if _has_lasted(mark.at, rules.beam_lost, now)]
    if lost:
        yield "beam_lost", min((watched.lost[name] for name in lost), key=lambda mark: mark.seq), f"{' and '.join(sorted(lost))} lost"
    if watched.analysis is not None and _has_lasted(watched.analysis.at, rules.no_answer, now):
        n = len(state.awaiting)
        silent = f"the analysis of {n} trial{'' if n == 1 else 's'} has been silent for {_minutes(now - watched.analysis.at)}"
        yield "no_answer", watched.analysis, silent
    is_waiting = bool(watched.lost) or state.is_waiting_for_approval or is_full(state)
    if not is_waiting and _has_lasted(watched.progress.at, rules.no_trial, now):
        yield "no_trial", watched.progress, f"no trial for {_minutes(now - watched.progress.at)}"


def _of_budgets(watched: Watched, rules: Rules, now: datetime) -> Iterator[tuple[str, Mark, str]]:
    if watched.state.status.is_final or rules.budget is None:
        return
    for name, mark in watched.spent.items():
        yield f"budget.{name}", mark, f"{rules.budget:.0%} of the {name} budget is spent"
    passed = wall_ratio(watched.state, now)
    if passed is not None and rules.budget <= passed and watched.state.status is Status.RUNNING:
        began = Mark(1, watched.state.started_at or now)
        yield "budget.time", began, f"{rules.budget:.0%} of the time has passed"


def _has_lasted(since: datetime, after: float | None, now: datetime) -> bool:
    return after is not None and (now - since).total_seconds() >= after


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} min"

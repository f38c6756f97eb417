"""A campaign's moment in a terminal: words first, and never by colour alone."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from orchestrator.cli.frames import Frame
from orchestrator.cli.status_showing import shown_analysis, shown_best, shown_dead, shown_score, shown_spent
from orchestrator.domain.base import Setting
from orchestrator.domain.space import show_point
from orchestrator.wire.campaigns import CampaignStatus, Spent
from orchestrator.wire.standing import Level
from orchestrator.wire.trials import Trial
from orchestrator.wire.waiting import WaitingApproval

if TYPE_CHECKING:
    from rich.console import Group

_STYLES: dict[Level, str] = {"ok": "bold green", "waiting": "bold cyan", "attention": "bold yellow", "bad": "bold red", "done": "bold"}
_MARKS: dict[Level, str] = {"ok": "●", "waiting": "◌", "attention": "▲", "bad": "✖", "done": "■"}
_BLOCKS = "▁▂▃▄▅▆▇█"
_CURVE_WIDTH = 48
_BAR_WIDTH = 24
_STALE_SECONDS = 12.0
"""The server's heart beats every five."""

Line = tuple[str, str]
"""Text and style."""


def drawing(frame: Frame, hint: str = "") -> "Group":
    """Return a frame's lines, each cut to the terminal's width."""
    from rich.console import Group
    from rich.text import Text

    lines = (*lines_of(frame), *([(hint, "dim")] if hint else []))
    return Group(*(Text(text, style=style, no_wrap=True, overflow="ellipsis") for text, style in lines))


def lines_of(frame: Frame) -> Iterator[Line]:
    """Yield everything a person wants to know, most urgent first."""
    status = frame.status
    yield f"{_MARKS[status.standing.level]} {verdict(status)}", _STYLES[status.standing.level]
    if status.standing.next:
        yield f"  {status.standing.next}", ""
    yield from _stale(frame)
    if status.waiting is not None:
        yield from _waiting(status.waiting)
    yield (f"best   {shown_best(status)}", "green") if status.night is None else (f"night  {status.night.sentence}", "green")
    if status.dead_s is not None:
        yield f"dead   {shown_dead(status)} between measurements", ""
    if status.analysis is not None:
        yield f"analysis {shown_analysis(status.analysis)}", "bold cyan" if status.analysis.is_full else ""
    yield from ((f"documents {amiss}", "bold yellow") for amiss in status.documents)
    if len(frame.curve) > 1:
        yield f"curve  {sparkline(frame.curve)}  {frame.curve[0]:.4g} → {frame.curve[-1]:.4g}", "blue"
    yield from ((f"budget {_bar(spent)}{shown_spent(spent)}", "") for spent in status.spent if spent.limit is not None)
    if status.interlocks:
        lost = [name for name, holds in status.interlocks.items() if not holds]
        told = ", ".join(f"{name} {'holds' if holds else 'LOST'}" for name, holds in status.interlocks.items())
        yield f"safety {told}", "bold red" if lost else ""
    yield from _live(frame)
    yield from ((decision_line(trial, status), "dim") for trial in frame.trials)


def verdict(status: CampaignStatus) -> str:
    """Return ``running  night-1: Measuring trial 12. (since 03:12)``."""
    since = status.standing.since
    told = "" if since is None else f"  (since {since.astimezone():%H:%M})"
    return f"{status.standing.word}  {status.campaign}: {status.standing.sentence}{told}"


def decision_line(trial: Trial, status: CampaignStatus) -> str:
    """Return one trial: what became of it, and why it was chosen."""
    score = shown_score(trial, status)
    outcome = ", ".join(part for part in (trial.status, score) if part)
    return f"{trial.trial:>6} {outcome}{' ★ best' if trial.is_best else ''}: {trial.why or trial.note}"


def sparkline(values: Sequence[float], width: int = _CURVE_WIDTH) -> str:
    """Return the values as a row of blocks, thinned to the width; the first and the last are kept."""
    n = min(width, len(values))
    kept = [values[round(index * (len(values) - 1) / max(1, n - 1))] for index in range(n)]
    low, span = min(kept), (max(kept) - min(kept)) or 1.0
    return "".join(_BLOCKS[round((value - low) / span * (len(_BLOCKS) - 1))] for value in kept)


def _stale(frame: Frame) -> Iterator[Line]:
    silent_s = time.monotonic() - frame.made_at
    if silent_s > _STALE_SECONDS:
        yield f"  NO NEWS for {silent_s:.0f} s: what follows is old; trying to reach the server", "bold red"


def _waiting(waiting: WaitingApproval) -> Iterator[Line]:
    yield f"waits  trial {waiting.trial} by {waiting.agent}: {_in_units(waiting)}", "bold yellow"
    yield f"       {waiting.why}", ""
    name = f"{waiting.campaign} {waiting.trial}"
    yield f"       nightshift approve {name}   or: veto {name}   or: edit {name} NAME=VALUE", "bold"


def _in_units(waiting: WaitingApproval) -> str:
    return ", ".join(f"{_setting(name, value)} {waiting.units.get(name, '')}".rstrip() for name, value in waiting.point.items())


def _setting(name: str, value: Setting) -> str:
    return show_point({name: value})


def _bar(spent: Spent) -> str:
    if not spent.limit:
        return ""
    n_filled = min(_BAR_WIDTH, int(_BAR_WIDTH * spent.used / spent.limit))
    return "█" * n_filled + "░" * (_BAR_WIDTH - n_filled) + " "


def _live(frame: Frame) -> Iterator[Line]:
    live = frame.live
    if live is None:
        return
    units = {parameter.name: parameter.unit for parameter in frame.status.space}
    positions = [f"{_setting(name, value)} {units.get(name, '')}".rstrip() for name, value in live.positions.items()]
    signals = [f"{name} = {value:.6g}" if isinstance(value, float) else f"{name} = {value}" for name, value in live.signals.items()]
    age_s = (frame.live_age_s or 0.0) + time.monotonic() - frame.made_at
    yield f"now    {', '.join((*positions, *signals)) or 'nothing is read'}  ({age_s:.0f} s ago)", ""

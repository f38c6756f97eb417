"""Progress on the screen. The engine hands over a state and goes on; drawing happens in a thread of its own."""

import math
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Protocol, TextIO

from orchestrator.cli.asking import Asker
from orchestrator.cli.progress import Progress, progress_of, shown_duration, shown_score
from orchestrator.domain.campaign import CampaignState, Status, Trial
from orchestrator.domain.ports import LiveState

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.text import Text

_FRAMES_PER_SECOND = 8
_SECONDS_PER_LINE = 0.1
_BAR_WIDTH = 40
_HINT = "Ctrl-C pauses after this trial"


class View(Protocol):
    """Live signals on a screen."""

    @property
    def is_idle(self) -> bool:
        """Whether the campaign is paused or held."""
        ...

    def notice(self, text: str) -> None:
        """Show a line soon. Safe in a signal handler: nothing is written here and now."""
        ...

    def publish(self, live: LiveState) -> None: ...

    def decide(self, trial: Trial) -> Literal["approve", "veto"] | None: ...


@contextmanager
def live_view(console: "Console", stdin: TextIO | None = None) -> Iterator[View]:
    """Show progress while the block runs: redrawn in place on a terminal, as lines anywhere else."""
    view = TerminalView(console, stdin or sys.stdin) if console.is_terminal else PlainView(console, stdin or sys.stdin)
    try:
        yield view
    finally:
        view.close()


class _Screen:
    """What both views share."""

    def __init__(self, console: "Console", stdin: TextIO) -> None:
        self._console = console
        self._asker = Asker(stdin, self.tell)
        self._latest: LiveState | None = None
        self._notices: deque[str] = deque()

    @property
    def is_idle(self) -> bool:
        return _is_idle(self._latest)

    def tell(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def notice(self, text: str) -> None:
        self._notices.append(text)

    def _keep(self, live: LiveState) -> None:
        if live.is_news:
            self.notice(progress_of(live, datetime.now(UTC)).doing)

    def _tell_notices(self) -> None:
        while self._notices:
            self.tell(self._notices.popleft())


class PlainView(_Screen):
    """A line per trial and per change of what is waited for; at most ten a second, the latest wins."""

    def __init__(self, console: "Console", stdin: TextIO, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(console, stdin)
        self._monotonic = monotonic
        self._n_shown = 0
        self._doing = ""
        self._next_line = -math.inf

    def publish(self, live: LiveState) -> None:
        if self._latest is not None and live.campaign != self._latest.campaign:
            self._n_shown = 0  # the next part of a campaign over samples counts its own trials
        self._latest = live
        self._keep(live)
        self._tell_notices()
        is_news = n_finished(live.state) > self._n_shown or (_is_waiting(live) and live.phase != self._doing)
        if is_news and self._monotonic() >= self._next_line:
            self._show(live)

    def decide(self, trial: Trial) -> Literal["approve", "veto"] | None:
        return self._asker.decide(trial)

    def close(self) -> None:
        self._tell_notices()
        if self._latest is not None and n_finished(self._latest.state) > self._n_shown:
            self._show(self._latest)

    def _show(self, live: LiveState) -> None:
        self._next_line = self._monotonic() + _SECONDS_PER_LINE
        if n_finished(live.state) > self._n_shown:
            self.tell(_line_of(latest_finished(live.state), live))
        if _is_waiting(live) and live.phase != self._doing:
            self.tell(progress_of(live, datetime.now(UTC)).doing)
        self._n_shown, self._doing = n_finished(live.state), live.phase


class TerminalView(_Screen):
    """A few lines redrawn in place by rich's own thread, from whatever was published last."""

    def __init__(self, console: "Console", stdin: TextIO) -> None:
        from rich.live import Live

        super().__init__(console, stdin)
        self._screen = Live(console=console, get_renderable=self._draw, refresh_per_second=_FRAMES_PER_SECOND, transient=True)
        self._screen.start()

    def publish(self, live: LiveState) -> None:
        self._latest = live
        self._keep(live)
        self._tell_notices()
        if not live.state.is_waiting_for_approval:
            self._asker.stop()
            self._draw_again()

    def decide(self, trial: Trial) -> Literal["approve", "veto"] | None:
        """Stop drawing while a question stands there, so that what is typed stays readable."""
        self._screen.stop()
        decision = self._asker.decide(trial)
        if not self._asker.is_asking:
            self._draw_again()
        return decision

    def close(self) -> None:
        self._screen.stop()
        self._tell_notices()

    def _draw_again(self) -> None:
        if not self._screen.is_started:
            self._screen.start()

    def _draw(self) -> "Group | Text":
        from rich.text import Text

        if self._latest is None:
            return Text("starting the instrument and the agent")
        hint = self._notices[-1] if self._notices else _HINT
        return drawing(progress_of(self._latest, datetime.now(UTC)), hint)


def drawing(progress: Progress, hint: str = _HINT) -> "Group":
    """Return the lines of the live view, each cut to the terminal's width."""
    from rich.console import Group
    from rich.text import Text

    lines = (
        (f"{progress.campaign}  {_counted(progress)}  {_left(progress)}".rstrip(), "bold"),
        (_bar(progress), "blue"),
        (f"now   {progress.doing}", ""),
        (f"best  {progress.best}", "green"),
        (hint, "dim"),
    )
    return Group(*(Text(line, style=style, no_wrap=True, overflow="ellipsis") for line, style in lines if line))


def _bar(progress: Progress) -> str:
    if progress.n_trials is None:
        return ""
    n_filled = min(_BAR_WIDTH, _BAR_WIDTH * progress.n_done // progress.n_trials)
    return "█" * n_filled + "░" * (_BAR_WIDTH - n_filled)


def n_finished(state: CampaignState) -> int:
    """Return how many of its own trials are over, or wait for late analysis only; counted without looking at each."""
    return len(state.trials) - state.n_earlier - (state.current is not None)


def latest_finished(state: CampaignState) -> Trial:
    """Return the last of those trials; there must be one."""
    return next(trial for trial in reversed(state.trials) if not trial.status.is_open)


def _line_of(trial: Trial, live: LiveState) -> str:
    progress = progress_of(live, datetime.now(UTC))
    outcome = shown_score(trial, live.state.objectives) or f"{trial.status}{': ' if trial.note else ''}{trial.note}"
    return "  ".join(part for part in (_counted(progress), outcome, f"best {progress.best}", _left(progress)) if part)


def _counted(progress: Progress) -> str:
    return f"trial {progress.trial}" if progress.n_trials is None else f"trial {progress.trial} of {progress.n_trials}"


def _left(progress: Progress) -> str:
    return "" if progress.time_left is None else f"{shown_duration(progress.time_left)} left"


def _is_waiting(live: LiveState) -> bool:
    return live.phase.startswith("waiting") or _is_idle(live)


def _is_idle(live: LiveState | None) -> bool:
    return live is not None and live.state.status in (Status.PAUSED, Status.HELD)

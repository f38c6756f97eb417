"""Progress on the screen. The engine hands over a state and goes on; drawing happens in a thread of its own."""

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Protocol, TextIO

from orchestrator.cli.asking import Asker
from orchestrator.cli.progress import Progress, n_counted_with, progress_of, shown_duration, shown_number
from orchestrator.domain.campaign import CampaignState, Status, Trial
from orchestrator.domain.ports import LiveState
from orchestrator.domain.records import TrialKind
from orchestrator.queries.closing import shown_score

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.text import Text

_FRAMES_PER_SECOND = 8
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
def live_view(console: "Console", stdin: TextIO | None = None, label: str = "") -> Iterator[View]:
    """Show progress while the block runs: redrawn in place on a terminal, as lines anywhere else.

    Args:
        console: Where to.
        stdin: Where people answer.
        label: What every line of progress begins with, such as ``simulated``.
    """
    view = (TerminalView if console.is_terminal else PlainView)(console, stdin or sys.stdin, label)
    try:
        yield view
    finally:
        view.close()


class _Screen:
    """What both views share."""

    def __init__(self, console: "Console", stdin: TextIO, label: str = "") -> None:
        self._console = console
        self._label = f"{label}  " if label else ""
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
    """A line per trial that is over, and per change of what is waited for."""

    def __init__(self, console: "Console", stdin: TextIO, label: str = "") -> None:
        super().__init__(console, stdin, label)
        self._n_told: dict[str, int] = {}
        """By campaign, as each part over samples has trials of its own: how many are over and told of."""
        self._doing = ""

    def publish(self, live: LiveState) -> None:
        self._latest = live
        self._keep(live)
        self._tell_notices()
        self._tell_finished(live)
        if _is_waiting(live) and live.phase != self._doing:
            self.tell(progress_of(live, datetime.now(UTC)).doing)
        self._doing = live.phase

    def decide(self, trial: Trial) -> Literal["approve", "veto"] | None:
        return self._asker.decide(trial)

    def close(self) -> None:
        self._tell_notices()

    def _tell_finished(self, live: LiveState) -> None:
        n_told = self._n_told[live.campaign] if live.campaign in self._n_told else _n_over_before(live.state)
        for trial in live.state.trials[n_told:]:
            if trial.status.is_open:
                break
            self.tell(f"{self._label}{_line_of(trial, live)}")
            n_told = trial.number
        self._n_told[live.campaign] = n_told


class TerminalView(_Screen):
    """A few lines redrawn in place by rich's own thread, from whatever was published last."""

    def __init__(self, console: "Console", stdin: TextIO, label: str = "") -> None:
        from rich.live import Live

        super().__init__(console, stdin, label)
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
        return drawing(progress_of(self._latest, datetime.now(UTC)), hint, self._label)


def drawing(progress: Progress, hint: str = _HINT, label: str = "") -> "Group":
    """Return the lines of the live view, each cut to the terminal's width."""
    from rich.console import Group
    from rich.text import Text

    number = shown_number(progress.trial, progress.n_counted, progress.n_trials)
    lines = (
        (f"{label}{progress.campaign}  {number}  {_left(progress)}".rstrip(), "bold"),
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


def _n_over_before(state: CampaignState) -> int:
    """Return how many trials were over before this runner began or went on."""
    since = state.going_since
    over = (trial for trial in state.trials if not trial.status.is_open)
    return sum(trial.kind is TrialKind.EARLIER or (since is not None and trial.suggested_at < since) for trial in over)


def _line_of(trial: Trial, live: LiveState) -> str:
    """Return one trial's line: its own number and score, then how the campaign stands."""
    progress, state = progress_of(live, datetime.now(UTC)), live.state
    number = shown_number(trial.number, n_counted_with(state, trial.number), progress.n_trials)
    outcome = shown_score(trial, state.objectives) or f"{trial.status}{': ' if trial.note else ''}{trial.note}"
    return "  ".join(part for part in (number, outcome, f"best {progress.best}", _left(progress)) if part)


def _left(progress: Progress) -> str:
    return "" if progress.time_left is None else f"{shown_duration(progress.time_left)} left"


def _is_waiting(live: LiveState) -> bool:
    return live.phase.startswith("waiting") or _is_idle(live)


def _is_idle(live: LiveState | None) -> bool:
    return live is not None and live.state.status in (Status.PAUSED, Status.HELD)

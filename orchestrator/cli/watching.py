"""watch: one campaign, live. It only looks: Ctrl-C leaves, and the campaign goes on."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.console import answer_console, people_console, print_json, say, tell, typed_name
from orchestrator.cli.desks import desk
from orchestrator.cli.leaving import leaving, while_looking
from orchestrator.cli.options import CampaignArgument, JsonOption, LedgerOption

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.cli.frames import Frame

_FRAMES_PER_SECOND = 4
_ALWAYS_NEW = {"now", "spent", "estimated_end"}
"""What time alone changes."""
_HINT = "Ctrl-C leaves; the campaign goes on"


def watch(
    ctx: typer.Context,
    campaign: CampaignArgument,
    once: Annotated[bool, typer.Option("--once", help="Show how it stands now, and leave.")] = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Watch a campaign: how it stands and why, best so far, decisions, budget, what waits. Ends with it, or once nobody runs it."""
    from orchestrator.cli.frames import until_nobody_runs_it

    with desk(ctx, ledger) as at, leaving("left; the campaign goes on") as has_left:
        frames = while_looking(until_nobody_runs_it(at.frames(at.find(campaign))), has_left)
        if once:
            _print_once(next(frames), as_json=as_json)
        else:
            _tell_way_on(_print_documents(frames) if as_json else show_frames(frames, _HINT, is_asked_for=True))


def _tell_way_on(last: "Frame | None") -> None:
    """Say how to go on with a campaign that is not over, and that nobody runs."""
    if last is not None and not last.is_last:
        say(f"nobody runs it any more: {typed_name()} resume {last.status.campaign} goes on")


def _print_once(frame: "Frame", *, as_json: bool) -> None:
    if as_json:
        print_json(frame.status.model_dump(mode="json"))
    else:
        _print_whole(frame)


def _print_documents(frames: "Iterator[Frame]") -> "Frame | None":
    """Print a status whenever it changed; return the last frame."""
    said, frame = None, None
    for frame in frames:
        lasting = frame.status.model_dump(exclude=_ALWAYS_NEW)
        if lasting != said:
            print_json(frame.status.model_dump(mode="json"))
            said = lasting
    return frame


def _print_whole(frame: "Frame") -> None:
    from orchestrator.cli.watch_drawing import lines_of

    for text, _style in lines_of(frame):
        tell(text)


def show_frames(frames: "Iterator[Frame]", hint: str, *, is_asked_for: bool = False) -> "Frame | None":
    """Show a campaign until there is nothing more to see: redrawn in place on a terminal, as lines anywhere else.

    Args:
        frames: Its moments.
        hint: The last line of those redrawn.
        is_asked_for: Whether it is what the command is for, and no mere progress.

    Returns:
        The last frame; None if there was none.
    """
    console = answer_console() if is_asked_for else people_console()
    return _redraw(frames, hint, console) if console.is_terminal else _print_lines(frames, tell if is_asked_for else say)


def _redraw(frames: "Iterator[Frame]", hint: str, console: "Console") -> "Frame | None":
    """Redraw in place until the campaign is over; the last frame stays on the screen."""
    from rich.live import Live
    from rich.text import Text

    from orchestrator.cli.watch_drawing import drawing

    latest: Frame | None = None
    with Live(
        console=console,
        get_renderable=lambda: Text("looking …") if latest is None else drawing(latest, hint),
        refresh_per_second=_FRAMES_PER_SECOND,
        transient=True,
    ):
        for frame in frames:
            latest = frame
    if latest is not None:
        console.print(drawing(latest))
    return latest


def _print_lines(frames: "Iterator[Frame]", put: Callable[[str], None]) -> "Frame | None":
    """Print a line for each change of the verdict, and for each trial that is done with."""
    from orchestrator.cli.watch_drawing import decision_line, verdict

    said, n_told, frame = "", None, None
    for frame in frames:
        done = [trial for trial in frame.trials if trial.status in ("scored", "vetoed", "failed")]
        for trial in done:
            if n_told is not None and trial.trial > n_told:
                put(decision_line(trial, frame.status))
        n_told = max([n_told or 0, *(trial.trial for trial in done)])
        if (line := verdict(frame.status)) != said:
            put(line)
            said = line
    return frame

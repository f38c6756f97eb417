"""watch: one campaign, live. It only looks: Ctrl-C leaves, and the campaign goes on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.console import people_console, print_json, say
from orchestrator.cli.desks import desk
from orchestrator.cli.leaving import leaving, while_looking
from orchestrator.cli.options import CampaignArgument, JsonOption, LedgerOption

if TYPE_CHECKING:
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
    """Watch a campaign: how it stands and why, best so far, decisions, budget, what waits. Ends with the campaign."""
    with desk(ctx, ledger) as at, leaving("left; the campaign goes on") as has_left:
        frames = while_looking(at.frames(at.find(campaign)), has_left)
        if once:
            frames = iter([next(frames)])
        if as_json:
            _print_documents(frames)
        elif once:
            _print_whole(next(frames))
        else:
            show_frames(frames, _HINT)


def _print_documents(frames: "Iterator[Frame]") -> None:
    """Print a status whenever it changed."""
    said = None
    for frame in frames:
        lasting = frame.status.model_dump(exclude=_ALWAYS_NEW)
        if lasting != said:
            print_json(frame.status.model_dump(mode="json"))
            said = lasting


def _print_whole(frame: "Frame") -> None:
    from orchestrator.cli.watch_drawing import lines_of

    for text, _style in lines_of(frame):
        say(text)


def show_frames(frames: "Iterator[Frame]", hint: str) -> None:
    """Show a campaign until it is over: redrawn in place on a terminal, as lines anywhere else."""
    if people_console().is_terminal:
        _redraw(frames, hint)
    else:
        _print_lines(frames)


def _redraw(frames: "Iterator[Frame]", hint: str) -> None:
    """Redraw in place until the campaign is over; the last frame stays on the screen."""
    from rich.live import Live
    from rich.text import Text

    from orchestrator.cli.watch_drawing import drawing

    latest: Frame | None = None
    console = people_console()
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


def _print_lines(frames: "Iterator[Frame]") -> None:
    """Print a line for each change of the verdict, and for each trial that is done with."""
    from orchestrator.cli.watch_drawing import decision_line, verdict

    said, n_told = "", None
    for frame in frames:
        done = [trial for trial in frame.trials if trial.status in ("scored", "vetoed", "failed")]
        for trial in done:
            if n_told is not None and trial.trial > n_told:
                say(decision_line(trial, frame.status))
        n_told = max([n_told or 0, *(trial.trial for trial in done)])
        if (line := verdict(frame.status)) != said:
            say(line)
            said = line

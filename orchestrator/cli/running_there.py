"""run and check with a server: it validates, records and carries out; the terminal sends the file and watches."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import typer

from orchestrator.cli.console import BAD_INPUT, exit_code_of_status, print_json, say, tell
from orchestrator.cli.desks import key_for
from orchestrator.cli.leaving import leaving, while_looking
from orchestrator.cli.watching import show_frames

if TYPE_CHECKING:
    from orchestrator.cli.frames import Frame

_ENDED = frozenset({"completed", "aborted", "stopped"})
_HINT = "Ctrl-C leaves; the campaign goes on there"


def run_there(url: str, spec: str, changes: Mapping[str, str], seed: int | None, *, as_json: bool) -> None:
    """Have a server run a campaign, and watch it to its end. Ctrl-C leaves, and it goes on."""
    from orchestrator.cli.server_desk import ServerDesk
    from orchestrator.client import NightshiftClient

    with NightshiftClient(url, key_for(url)) as client:
        created = client.create(_text_of(spec), changes=changes, seed=seed)
        say(f"{created.answer} (at {client.url})")
        with leaving(f"left; the campaign goes on: nightshift watch {created.campaign}") as has_left:
            show_frames(while_looking(_until_ended(ServerDesk(client).frames(created.campaign)), has_left), _HINT)
        if as_json:
            print_json(ServerDesk(client).document(created.campaign))
        raise typer.Exit(exit_code_of_status(client.status(created.campaign).status))


def check_there(url: str, spec: str, changes: Mapping[str, str], *, connect: bool, as_json: bool) -> None:
    """Have a server say what a campaign would do there. Ends with exit code 2 if it could not run."""
    from orchestrator.client import NightshiftClient

    with NightshiftClient(url, key_for(url)) as client:
        answer = client.check(_text_of(spec), changes=changes, connect=connect)
    for line in answer.lines:
        tell(line, as_json=as_json)
    for problem in answer.problems:
        say(f"error: {problem}")
    if as_json:
        print_json({"spec": spec, "name": answer.name, "is_valid": answer.is_valid, "lines": [*answer.lines, *answer.problems]})
    if not answer.is_valid:
        raise typer.Exit(BAD_INPUT)


def _text_of(spec: str) -> str:
    """Return what to send: a bundled campaign's name, or a file's text."""
    from orchestrator.campaign_file import bundled_names
    from orchestrator.campaign_file.sources import read_source

    return spec if spec in bundled_names() else read_source(spec).text


def _until_ended(frames: "Iterator[Frame]") -> "Iterator[Frame]":
    """Yield frames as long as the campaign runs, waits or is held; whoever has it stopped ends this, too."""
    for frame in frames:
        yield frame
        if frame.status.status in _ENDED:
            return

"""A page's commands, run for real in an empty folder with a ledger of its own."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.docs.pages import ROOT, Block, blocks
from tests.docs.warm import warm_command

_SECONDS_PER_BLOCK = 120
KEPT = "kept"
"""The data folder, which is not where a person stands."""
_COPIED = "instruments/data/crossed_barrel.csv"
"""Pages are written for somebody who stands in the clone; this is what they use of it."""


def surroundings(folder: Path, **more: str) -> Mapping[str, str]:
    """Return an environment in which nobody's own ledger is touched."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "NIGHTSHIFT_LEDGER": f"sqlite:///{folder / KEPT / 'ledger.db'}",
        "TZ": "UTC",
        "NO_COLOR": "1",
        **more,
    }


def play(page: Path, folder: Path, **environment: str) -> None:
    """Write a page's files, run its scripts in order, and compare what they print with what the page says."""
    (folder / KEPT).mkdir()
    (folder / _COPIED).parent.mkdir(parents=True)
    shutil.copy(ROOT / _COPIED, folder / _COPIED)
    with tempfile.TemporaryDirectory() as place, warm_command(Path(place), surroundings(folder, **environment)) as command:
        path = f"{command}{os.pathsep}{surroundings(folder, **environment)['PATH']}"
        _play(page, folder, {**environment, "PATH": path})


def _play(page: Path, folder: Path, environment: Mapping[str, str]) -> None:
    printed = ""
    for block in blocks(page):
        place = f"{page.name}:{block.line}"
        match block.directive:
            case "file":
                (folder / block.argument).write_text(block.text, encoding="utf-8")
            case "run":
                printed = _run(block, folder, place, environment)
            case "prints":
                check_printed(block.text, printed, place)
            case _:
                pass


def _run(block: Block, folder: Path, place: str, environment: Mapping[str, str]) -> str:
    """Run a script as if in the shell of those before it: what they exported holds."""
    exported = folder / KEPT / "exported.sh"
    before = f"[ ! -e {exported} ] || . {exported}; trap 'export -p | grep NIGHTSHIFT_ > {exported} || :' EXIT"
    wanted = int(block.argument.removeprefix("exit ") or 0)
    finished = subprocess.run(
        ["bash", "-eu"],
        input=f"{before}\n{block.text}",
        cwd=folder,
        env=surroundings(folder, **environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS_PER_BLOCK,
        check=False,
    )
    assert finished.returncode == wanted, f"{place} ended with {finished.returncode}, not {wanted}:\n{finished.stdout}"
    return finished.stdout


def check_printed(wanted: str, printed: str, place: str) -> None:
    """Assert that the wanted lines were printed, in order; spaces do not matter, and … stands for anything."""
    lines = iter([_squeezed(line) for line in printed.splitlines()])
    for line in filter(None, map(_squeezed, wanted.splitlines())):
        pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
        assert any(pattern.fullmatch(other) for other in lines), f"{place}: nothing like this was printed there: {line}\n{printed}"


def _squeezed(line: str) -> str:
    return " ".join(line.split())

"""A ``nightshift`` for the shells of pages that need not import everything anew for each command: ``python -m tests.docs.warm FOLDER``.

One process imports what commands do and forks for each of them. A script of that name in FOLDER hands over its arguments,
environment, working folder and open files, and ends as the command does. Whether the installed command starts, and what it
imports, is for tests/unit/test_light_imports.py and tests/scenarios.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from tests.docs.pages import ROOT

_COMMAND = """\
#!{python} -IS
import json, os, socket, sys
there = socket.socket(socket.AF_UNIX)
there.connect({address!r})
socket.send_fds(there, [b"."], [0, 1, 2])
there.sendall(json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode() + b"\\n")
sys.exit(int(there.recv(16) or b"1"))
"""


@contextmanager
def warm_command(folder: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """Start the process; yield the folder that the script is in, to go first in PATH."""
    command = [sys.executable, "-m", "tests.docs.warm", str(folder)]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            yield folder
        finally:
            server.kill()


def serve(folder: Path) -> None:
    """Carry out commands until killed."""
    address = str(folder / "warm.sock")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    command = folder / "nightshift"
    command.write_text(_COMMAND.format(python=sys.executable, address=address), encoding="utf-8")
    command.chmod(0o755)
    _import_what_commands_do()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    os.write(1, b"ready\n")
    while True:
        asked, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _carry_out(asked)
        asked.close()


def _import_what_commands_do() -> None:
    import orchestrator.bootstrap.campaigns
    import orchestrator.bootstrap.checking
    import orchestrator.bootstrap.replaying
    import orchestrator.cli.app
    import orchestrator.cli.showing
    import orchestrator.exports  # noqa: F401


def _carry_out(asked: socket.socket) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, files, _, _ = socket.recv_fds(asked, 1, 3)
    arguments, folder, environment = json.loads(asked.makefile("rb").readline())
    threading.Thread(target=_die_with, args=(asked,), daemon=True).start()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv = arguments
    code = _code_of_command()
    sys.stdout.flush()
    sys.stderr.flush()
    asked.sendall(str(code).encode())
    os._exit(code)


def _die_with(asked: socket.socket) -> None:
    """End as the script did that somebody killed."""
    if not asked.recv(1):
        os.kill(os.getpid(), signal.SIGKILL)


def _code_of_command() -> int:
    from orchestrator.cli import main

    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


if __name__ == "__main__":
    serve(Path(sys.argv[1]))

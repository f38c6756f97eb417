"""The process that reads may hang or die: the trial ends with a sentence, and the next file is read by another."""

import socket
import subprocess
import sys
from multiprocessing.connection import Connection

import pytest

from orchestrator.domain.errors import FramesUnreadable
from orchestrator.domain.frames import FrameRef
from orchestrator.execution.frames.reader import FrameReader
from orchestrator.processes import Child

REF = FrameRef(uri="file://localhost/data/a.h5", frames=(0, 1))


class Far:
    """Starts processes that never read what they are asked: one hangs, the other dies."""

    def __init__(self, *, hangs: bool) -> None:
        self.children: list[Child] = []
        self.theirs: list[socket.socket] = []
        self._program = ["sleep", "60"] if hangs else [sys.executable, "-c", "raise SystemExit(7)"]

    def start(self) -> Child:
        ours, theirs = socket.socketpair()
        self.theirs.append(theirs)
        process = subprocess.Popen(self._program, stdin=subprocess.DEVNULL)
        if self._program[0] != "sleep":
            theirs.close()
        self.children.append(Child(process, Connection(ours.detach())))
        return self.children[-1]

    def close(self) -> None:
        for theirs in self.theirs:
            theirs.close()


def test_a_file_system_that_hangs_costs_one_trial_and_its_process():
    far = Far(hangs=True)
    reader = FrameReader(far.start, read_s=0.1)
    with pytest.raises(FramesUnreadable, match=r"a\.h5 gave no answer within 0\.1 s; does its file system hang"):
        reader.read([REF])
    assert not far.children[0].is_alive
    with pytest.raises(FramesUnreadable, match="was not waited for any longer"):
        reader.read([REF], wait_s=60.0, is_given_up=lambda: True)
    assert len(far.children) == 2
    reader.close()
    far.close()


def test_a_file_that_kills_its_reader_is_damaged():
    far = Far(hangs=False)
    reader = FrameReader(far.start)
    with pytest.raises(FramesUnreadable, match=r"ended the process that read it \(code 7\); the file is damaged"):
        reader.read([REF])
    reader.close()


def test_no_frame_at_all_is_said_without_asking_anybody():
    with pytest.raises(FramesUnreadable, match="the run wrote no frame"):
        FrameReader(Far(hangs=True).start).read([])

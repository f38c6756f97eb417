"""A detector's file writer as a program of its own, as an IOC is: it may hold frames back, or lose the end of a file.

It reads a command a line: ``open PATH``, ``frame WIDTH``, ``close``. What goes wrong, and in which of the files it opens, counted
from 1, is in the environment variable FRAME_FAULTS: ``{"late": {"3": 0.5}, "never": [5], "truncated": [7], "missing": [9]}``.
"""

import json
import os
import sys
import threading
from pathlib import Path

import h5py
import numpy as np

SIZE = 64
FAULTS = json.loads(os.environ.get("FRAME_FAULTS", "{}"))


def spot(width: float) -> np.ndarray:
    """Return counts of a round spot in the middle, shape (rows, columns), over a background of 10."""
    row, column = np.indices((SIZE, SIZE)) - (SIZE - 1) / 2
    return np.round(10 + 5e4 * np.exp(-0.5 * (row**2 + column**2) / width**2) / width**2).astype(np.uint16)


class Writer:
    """One file at a time, in SWMR mode, flushed after each frame."""

    def __init__(self) -> None:
        self.n_opened = 0
        self.path = Path()
        self.file = None

    def open(self, path: str) -> None:
        self.n_opened += 1
        self.path = Path(path)
        self.is_cut = self.n_opened in FAULTS.get("truncated", [])
        if self.n_opened in FAULTS.get("missing", []):
            self.file = None
            return
        # A file that is to be cut gets its name when it is: nobody must see it whole.
        self.file = h5py.File(f"{path}.part" if self.is_cut else path, "w", libver="latest")
        self.data = self.file.create_dataset(
            "/entry/data/data", shape=(0, SIZE, SIZE), maxshape=(None, SIZE, SIZE), dtype=np.uint16, chunks=(1, SIZE, SIZE)
        )
        self.file.swmr_mode = True

    def frame(self, width: str) -> None:
        delay = FAULTS.get("late", {}).get(str(self.n_opened))
        if self.file is None or self.n_opened in FAULTS.get("never", []):
            return
        if delay is None:
            self.write(float(width))
        else:
            # Whatever is asked of it meanwhile waits, as in a queue of frames.
            threading.Event().wait(delay)
            self.write(float(width))

    def write(self, width: float) -> None:
        self.data.resize(len(self.data) + 1, axis=0)
        self.data[-1] = spot(width)
        self.data.flush()

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None
            if self.is_cut:
                part = Path(f"{self.path}.part")
                os.truncate(part, part.stat().st_size - 2000)
                part.rename(self.path)


def main() -> None:
    """Obey until the other side is gone. Answers to frames come at once, as from a detector whose writer lags behind it."""
    writer = Writer()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        getattr(writer, command)(*([argument] if argument else []))


if __name__ == "__main__":
    main()

"""A file that only takes up space, given up when the disk is full so that the ledger can still say so."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

SIZE_BYTES = 512 * 1024
_AMPLE_BYTES = 16 * SIZE_BYTES
"""With less than this left, the space is worth more to the ledger than to the ballast."""


class Ballast:
    """The space in reserve beside one SQLite file."""

    def __init__(self, ledger: Path) -> None:
        self.path = ledger.with_name(ledger.name + ".ballast")
        self.is_spent = False
        """Whether this process gave the space up and has not taken it again."""

    def fill(self) -> None:
        """Take the space if the disk has plenty. Never an error, since work goes on without."""
        if shutil.disk_usage(self.path.parent).free < _AMPLE_BYTES:
            return
        with suppress(FileExistsError), open(self.path, "xb") as file:
            self._write(file.fileno())
        self.is_spent = False

    def _write(self, descriptor: int) -> None:
        # Real bytes: a sparse file would reserve nothing.
        try:
            os.write(descriptor, bytes(SIZE_BYTES))
            os.fsync(descriptor)
        except OSError:
            self.free()

    def free(self) -> None:
        """Give the space back."""
        self.is_spent = True
        with suppress(OSError):
            self.path.unlink()

"""What signs session cookies: one secret for all API processes of a ledger."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from orchestrator.domain.errors import BadInput

_FILE = "api-secret"
_VARIABLE = "NIGHTSHIFT_SECRET"
_FEWEST_BYTES = 32


def load_secret(folder: Path, *, read_only: bool = False) -> bytes:
    """Return the secret of a data folder, made when it is first asked for.

    Args:
        folder: The data folder; the file in it is readable by its owner alone.
        read_only: Write nothing: without a file the secret lives as long as this process.

    Raises:
        BadInput: If ``NIGHTSHIFT_SECRET`` is set, which several hosts need to share sessions, but too short.
    """
    given = os.environ.get(_VARIABLE, "").encode()
    if given:
        if len(given) < _FEWEST_BYTES:
            raise BadInput(f"{_VARIABLE} has {len(given)} characters, too few to be a secret; give at least {_FEWEST_BYTES} random ones")
        return given
    path = folder / _FILE
    if not path.exists() and not read_only:
        _make(path)
    return path.read_bytes() if path.exists() else secrets.token_bytes(_FEWEST_BYTES)


def _make(path: Path) -> None:
    """Write a new secret unless another process was faster."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{_FILE}.{os.getpid()}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_FEWEST_BYTES))
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(made, path)
    made.unlink()

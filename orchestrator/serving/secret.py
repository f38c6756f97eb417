"""What signs session cookies: random, private to the person, and the same after a restart."""

import contextlib
import os
import secrets
from pathlib import Path

from orchestrator.domain.errors import LedgerUnusable

_N_BYTES = 32


def shared_secret(folder: Path) -> bytes:
    """Return the secret kept beside the ledger; make one the first time.

    A replica whose folder cannot be written has one of its own, so that people log in again when it restarts.

    Raises:
        LedgerUnusable: If what is kept there is too short to be a secret.
    """
    path = folder / "session-secret"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        found = path.read_bytes()
    except OSError:
        return secrets.token_bytes(_N_BYTES)
    if len(found) < _N_BYTES:
        raise LedgerUnusable(f"{path} has {len(found)} bytes, and a secret needs {_N_BYTES}; delete it, and everybody logs in again")
    return found


def _make(path: Path) -> None:
    """Put a new secret in place, whole; of two processes that do so at once one wins, and both use its secret."""
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_N_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(mine, path)
    mine.unlink()

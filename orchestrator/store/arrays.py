"""Arrays as bytes, the same bytes for the same values."""

import hashlib
import io

import numpy as np

from orchestrator.domain.errors import LedgerCorrupt
from orchestrator.domain.records import ArtefactRef


def digest(content: bytes) -> str:
    """Return the name of some content: its SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def bytes_of(array: np.ndarray) -> bytes:
    """Return the array as a ``.npy`` file in C order. Raises ValueError for arrays of Python objects."""
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(array, order="C"), allow_pickle=False)
    return buffer.getvalue()


def array_of(content: bytes, ref: ArtefactRef) -> np.ndarray:
    """Return the array in a ``.npy`` file. Raises LedgerCorrupt if it is none."""
    try:
        return np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise LedgerCorrupt(f"artefact {ref.sha256} ({ref.media_type}) is not an array: {error}; read it as bytes") from error

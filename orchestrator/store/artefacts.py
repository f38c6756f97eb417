"""The artefact store: one immutable file per content, named by its SHA-256."""

import errno
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from orchestrator.domain.errors import ArtefactMissing, LedgerCorrupt, LedgerFull, LedgerUnusable, NightshiftError
from orchestrator.domain.records import ArtefactRef
from orchestrator.store.arrays import array_of, bytes_of, digest
from orchestrator.store.folders import make_folder, sync_folder

_SHA256 = re.compile(r"[0-9a-f]{64}")


class FolderArtefacts:
    """Artefacts in a folder, spread over 256 subfolders by the first two digits of their hash."""

    def __init__(self, folder: Path) -> None:
        """The folder is created with the first artefact."""
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store content durably: once this returns, a power cut does not lose it.

        Raises:
            LedgerFull: If the disk is full; nothing of it is kept.
            LedgerUnusable: If the folder cannot be written.
        """
        sha256 = digest(content)
        path = self._path(sha256)
        if not path.exists():
            try:
                _write_once(path, content)
            except OSError as error:
                raise _refusal(path, error) from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the content.

        Raises:
            ArtefactMissing: If there is none of that hash.
            LedgerCorrupt: If the file no longer holds what was stored.
        """
        if not _SHA256.fullmatch(sha256):
            raise ArtefactMissing(f"{sha256!r} is not a SHA-256; an artefact's name has 64 hexadecimal digits")
        path = self._path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ArtefactMissing(f"artefact {sha256} is not in {self._folder}; restore {path} from a backup") from None
        if digest(content) != sha256:
            raise LedgerCorrupt(f"{path} holds content with hash {digest(content)}: the file was changed; restore it from a backup")
        return content

    def put_array(self, array: np.ndarray) -> ArtefactRef:
        return ArtefactRef(sha256=self.put(bytes_of(array)), shape=array.shape)

    def get_array(self, ref: ArtefactRef) -> np.ndarray:
        return array_of(self.get(ref.sha256), ref)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _write_once(path: Path, content: bytes) -> None:
    """Write under another name, force it to disk, then rename: readers see all of it or nothing."""
    make_folder(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o444)
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    sync_folder(path.parent)


def _refusal(path: Path, error: OSError) -> NightshiftError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LedgerFull(f"the disk holding {path.parent} is full; free some space, then resume")
    return LedgerUnusable(f"{path.parent} cannot be written: {error.strerror}; give this user write access, or choose another folder")

"""Artefacts: what comes back is what went in, or an error that names it."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from orchestrator.domain.errors import ArtefactMissing, LedgerCorrupt, LedgerFull, LedgerUnusable
from orchestrator.domain.ports import Artefacts
from orchestrator.domain.records import ArtefactRef
from orchestrator.store.artefacts import FolderArtefacts
from orchestrator.store.memory import MemoryArtefacts

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
KINDS = (np.float64, np.float32, np.uint16, np.int64, np.complex128, np.bool_)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "artefacts"


@pytest.fixture(params=["memory", "folder"])
def artefacts(request: pytest.FixtureRequest, folder: Path) -> Artefacts:
    return MemoryArtefacts() if request.param == "memory" else FolderArtefacts(folder)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(content=st.binary(max_size=200))
def test_content_comes_back_under_its_hash(artefacts: Artefacts, content: bytes):
    assert artefacts.get(artefacts.put(content)) == content


def test_the_name_is_the_sha256(artefacts: Artefacts):
    assert artefacts.put(b"") == EMPTY


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(array=st.sampled_from(KINDS).flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=3, max_side=4))))
def test_an_array_comes_back_bit_for_bit(artefacts: Artefacts, array: np.ndarray):
    ref = artefacts.put_array(array)
    loaded = artefacts.get_array(ref)
    assert (loaded.shape, loaded.dtype, loaded.tobytes()) == (array.shape, array.dtype, array.tobytes())
    assert ref.shape == array.shape


def test_equal_arrays_have_one_name_whatever_their_memory_layout(artefacts: Artefacts):
    image = np.arange(12.0).reshape(3, 4)
    assert artefacts.put_array(np.asfortranarray(image)) == artefacts.put_array(image)


def test_what_was_never_stored_is_missing(artefacts: Artefacts):
    with pytest.raises(ArtefactMissing, match=EMPTY):
        artefacts.get(EMPTY)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", EMPTY.upper(), EMPTY + "\n"])
def test_a_name_that_is_no_hash_is_never_looked_up(artefacts: Artefacts, name: str):
    with pytest.raises(ArtefactMissing):
        artefacts.get(name)


def test_python_objects_are_refused(artefacts: Artefacts):
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        artefacts.put_array(np.array([object()]))


def test_content_that_is_no_array_is_named(artefacts: Artefacts):
    ref = ArtefactRef(sha256=artefacts.put(b"a trained model"), media_type="application/x-model")
    with pytest.raises(LedgerCorrupt, match=rf"{ref.sha256} \(application/x-model\) is not an array"):
        artefacts.get_array(ref)


def test_a_file_that_was_changed_is_found_out(folder: Path):
    artefacts = FolderArtefacts(folder)
    sha256 = artefacts.put(b"spectrum")
    (file,) = files(folder)
    file.chmod(0o644)
    file.write_bytes(b"spectrun")
    with pytest.raises(LedgerCorrupt, match=rf"{file} holds content with hash"):
        artefacts.get(sha256)


def test_storing_the_same_again_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch):
    sha256 = FolderArtefacts(folder).put(b"spectrum")
    monkeypatch.setattr("orchestrator.store.artefacts._write_once", lambda *_: pytest.fail("written again"))
    assert FolderArtefacts(folder).put(b"spectrum") == sha256


def test_a_stored_file_is_read_only(folder: Path):
    FolderArtefacts(folder).put(b"spectrum")
    (file,) = files(folder)
    assert file.stat().st_mode & 0o777 == 0o444


def test_content_is_on_disk_before_its_name_is(folder: Path, monkeypatch: pytest.MonkeyPatch):
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace
    artefacts = FolderArtefacts(folder)
    artefacts.put(b"")  # makes the first folders
    (folder / "a9").mkdir()

    def noted_fsync(descriptor: int) -> None:
        steps.append("sync " + Path(os.readlink(f"/proc/self/fd/{descriptor}")).name[:8])
        fsync(descriptor)

    def noted_replace(source: str, target: Path) -> None:
        steps.append("name " + target.name[:2])
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    content = next(content for n in range(5000) if hash_of(content := str(n).encode()).startswith("a9"))
    artefacts.put(content)
    assert steps == ["sync .writing", "name a9", "sync a9"]


def hash_of(content: bytes) -> str:
    return MemoryArtefacts().put(content)


@pytest.mark.parametrize(("code", "refusal"), [(errno.ENOSPC, LedgerFull), (errno.EDQUOT, LedgerFull), (errno.EACCES, LedgerUnusable)])
def test_a_write_that_fails_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, refusal: type[Exception]):
    artefacts = FolderArtefacts(folder)
    artefacts.put(b"")

    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(refusal, match=str(folder)):
        artefacts.put(b"spectrum")
    assert [file.name for file in files(folder)] == [EMPTY]

"""Which file system a path is on."""

from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from orchestrator.store.folders import filesystem_of

Partition = namedtuple("Partition", "mountpoint fstype")


@pytest.mark.parametrize(
    ("path", "filesystem"),
    [("/srv/ledger.db", "ext4"), ("/home/ada/x/ledger.db", "nfs4"), ("/home/ada/local/a/b", "xfs"), ("/homestead/a", "ext4")],
)
def test_the_innermost_mount_decides(path: str, filesystem: str, monkeypatch: pytest.MonkeyPatch):
    mounts = [Partition("/", "rootfs"), Partition("/", "ext4"), Partition("/home/ada/local", "xfs"), Partition("/home", "nfs4")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    monkeypatch.setattr(Path, "resolve", lambda self: self)
    assert filesystem_of(Path(path)) == filesystem


def test_a_link_is_followed_to_where_the_file_really_is(small_disk: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(small_disk)
    assert filesystem_of(tmp_path / "link" / "not-yet" / "ledger.db") == "tmpfs"


def test_this_machine_can_tell(tmp_path: Path):
    assert filesystem_of(tmp_path) != ""

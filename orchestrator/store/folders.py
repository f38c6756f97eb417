"""Folders whose entries survive a power cut, and the file systems they are on."""

import os
from pathlib import Path

import psutil

_NETWORK = """
    9p afs beegfs ceph cifs davfs fuse.ceph fuse.glusterfs fuse.rclone fuse.s3fs fuse.sshfs glusterfs gpfs lustre ncpfs nfs nfs3 nfs4
    orangefs panfs pvfs2 smb smb2 smb3 smbfs webdav wekafs
"""
NETWORK_FILESYSTEMS = frozenset(_NETWORK.split())
"""Where another host may write the same file without sharing our memory, which SQLite's WAL needs."""


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, each durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to disk, so that a new file's name survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def filesystem_of(path: Path) -> str:
    """Return the type of the file system a path is on, or would be on, such as ``ext4`` or ``nfs4``; empty if unknown."""
    resolved = path.resolve()
    holding = {partition.mountpoint: partition.fstype for partition in psutil.disk_partitions(all=True)}
    for folder in (resolved, *resolved.parents):
        if str(folder) in holding:
            return holding[str(folder)]
    return ""

"""Is this installation fit for a night? One finding a line, each with the way out."""

import ctypes
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from platform import platform, python_version
from typing import Any, Literal

from orchestrator.ownership import OUR_PACKAGES, describe_stranger, strangers
from orchestrator.settings import Settings
from orchestrator.wording.installing import how_to_install

Grade = Literal["ok", "warn", "bad"]
DISTRIBUTION = "nightshift"
_LIBRARIES = ("bluesky", "ophyd", "pyepics", "caproto", "torch", "botorch", "gpytorch", "numpy", "scipy", "sqlalchemy", "pydantic")
_ENOUGH_DISK_GB, _LITTLE_DISK_GB = 2.0, 0.2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined."""

    name: str
    grade: Grade
    text: str
    """What was found, and the way out unless it is fine."""

    def __str__(self) -> str:
        return f"{self.grade:<5} {self.name:<12} {self.text}"

    def document(self) -> dict[str, Any]:
        return {"name": self.name, "grade": self.grade, "text": self.text}


def examine(ledger: str | None = None) -> Iterator[Finding]:
    """Yield what was found, the quick things first. Writes nothing.

    Args:
        ledger: A SQLAlchemy URL; None means the person's own.
    """
    settings = Settings() if ledger is None else Settings(ledger=ledger)
    yield Finding(
        "nightshift", "ok", f"{_version_or_none(DISTRIBUTION) or 'not installed'}, Python {python_version()}, {platform(terse=True)}"
    )
    yield libraries()
    yield from packages()
    yield sqlite()
    yield filesystem(settings.data_folder)
    yield disk(settings.data_folder)
    yield epics()
    yield torch_build()
    yield from documents(settings)


def libraries(version_of: Callable[[str], str | None] | None = None) -> Finding:
    """Return the versions of what Nightshift stands on."""
    versions = {name: (version_of or _version_or_none)(name) for name in _LIBRARIES}
    missing = [name for name, found in versions.items() if found is None]
    if missing:
        return Finding("libraries", "bad", f"{', '.join(missing)} not installed; {how_to_install()}")
    return Finding("libraries", "ok", ", ".join(f"{name} {found}" for name, found in versions.items()))


def packages(owners_of: Callable[[], Any] = packages_distributions) -> Iterator[Finding]:
    """Yield whether our four top-level packages are ours alone: other distributions use such names too."""
    owners = owners_of()
    for name in OUR_PACKAGES:
        others = sorted(set(owners.get(name, ())) - {DISTRIBUTION})
        if others:
            yield Finding("packages", "bad", f"{name!r} is also installed by {', '.join(others)}; give Nightshift its own environment")
        elif name in strangers():
            yield Finding("packages", "bad", describe_stranger(name))
        else:
            yield Finding("packages", "ok", f"{name!r} is ours")


def sqlite() -> Finding:
    """Return whether the SQLite in use keeps what it committed."""
    from orchestrator.store.sqlite import DRIVER, has_wal_reset_bug

    found = DRIVER.sqlite_version
    major, minor, patch = (int(part) for part in found.split(".")[:3])
    if not has_wal_reset_bug((major, minor, patch)):
        return Finding("sqlite", "ok", f"{found}, safe in WAL mode")
    return Finding("sqlite", "warn", f"{found} can lose commits in WAL mode, so a slower mode is used; run: pip install pysqlite3")


def filesystem(folder: Path) -> Finding:
    """Return whether SQLite can be trusted on the file system that holds a folder."""
    from orchestrator.store.folders import NETWORK_FILESYSTEMS, filesystem_of

    found = filesystem_of(folder)
    if found in NETWORK_FILESYSTEMS:
        return Finding(
            "filesystem", "bad", f"{folder} is on {found}; keep the ledger on a local disk, or in PostgreSQL (--ledger postgresql://…)"
        )
    if not found:
        return Finding("filesystem", "warn", f"{folder}: type unknown; make sure that it is a local disk")
    return Finding("filesystem", "ok", f"{folder} is on {found}")


def disk(folder: Path, usage: Callable[[Path], Any] = shutil.disk_usage) -> Finding:
    """Return whether there is room for a night's ledger and artefacts."""
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free = usage(existing).free / 1e9
    text = f"{free:.1f} GB free at {existing}"
    if free < _LITTLE_DISK_GB:
        return Finding("disk", "bad", f"{text}; make room or set NIGHTSHIFT_DATA")
    if free < _ENOUGH_DISK_GB:
        return Finding("disk", "warn", f"{text}, less than {_ENOUGH_DISK_GB:g} GB; make room before the night")
    return Finding("disk", "ok", text)


def epics(find: Callable[[], str] | None = None) -> Finding:
    """Return whether the Channel Access library can be loaded."""
    try:
        path = (find or _find_libca)()
        ctypes.CDLL(path)
    except Exception as error:  # pyepics raises what its search happened to meet; each means the same to a person
        return Finding("epics", "bad", f"libca cannot be loaded ({error}); run: pip install pyepics, or set PYEPICS_LIBCA")
    return Finding("epics", "ok", f"libca {path}")


def _find_libca() -> str:
    from epics.ca import find_libca

    return find_libca()


def torch_build() -> Finding:
    """Return which torch it is. The CPU's is enough: a night's models are small."""
    try:
        import torch
    except ImportError as error:
        return Finding("torch", "bad", f"cannot be imported ({error}); run: pip install 'torch>=2.6,<2.14'")
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU"
    return Finding("torch", "ok", f"{torch.__version__}, {build} build")


def documents(settings: Settings) -> Iterator[Finding]:
    """Yield whether documents reach the places that the site file names, by what the sender has left on disk."""
    from instruments.beamline.reading import read_site
    from orchestrator.domain.errors import SpecError
    from orchestrator.outbox.standing import FOLDER, campaigns_in, has_sender, read_trouble, standings

    if not settings.site_file.exists():
        return
    try:
        places = read_site(settings.site_file).documents
    except SpecError as error:
        yield Finding("documents", "bad", str(error))
        return
    names, outbox = () if places is None else places.names, settings.data_folder / FOLDER
    found = {campaign: standings(outbox, campaign, 0, names) for campaign in campaigns_in(outbox)}
    for name in names:
        n_waiting = sum(one.n_behind for several in found.values() for one in several if one.target == name)
        yield _place(name, n_waiting, read_trouble(outbox, name) if has_sender(outbox) else None)
    yield from _missing_from_places(outbox, found)
    yield from _missing_clients(names)


_MOST_CAMPAIGNS = 10
"""Named by the doctor; nightshift documents names all."""
_MOST_RUNS = 3


def _missing_from_places(outbox: Path, found: Mapping[str, Sequence[Any]]) -> Iterator[Finding]:
    """Yield a line for each campaign with runs that were refused or lost, or that wait for a place that is no longer named."""
    from orchestrator.outbox.losses import lost_runs
    from orchestrator.outbox.refused import refused_runs

    odd = [(campaign, one) for campaign, several in found.items() for one in several if one.is_odd]
    for campaign, one in odd[:_MOST_CAMPAIGNS]:
        runs = (*refused_runs(outbox / campaign, one.target), *lost_runs(outbox / campaign))
        named = f" [{', '.join(runs[:_MOST_RUNS])}{', …' if len(runs) > _MOST_RUNS else ''}]" if runs else ""
        yield Finding("documents", "warn", f"{campaign}: {one}{named}")
    if len(odd) > _MOST_CAMPAIGNS:
        yield Finding("documents", "warn", f"{len(odd) - _MOST_CAMPAIGNS} more campaigns lack documents; see nightshift documents")


def _place(name: str, n_waiting: int, trouble: Any) -> Finding:
    if trouble is not None and n_waiting:
        return Finding("documents", "warn", f"{name} is behind by {n_waiting} {trouble}")
    if n_waiting:
        return Finding("documents", "warn", f"{n_waiting} wait for {name}; nightshift documents --send sends them")
    return Finding("documents", "ok", f"none wait for {name}")


_CLIENTS = {"Tiled": "bluesky-tiled-plugins", "Kafka": "bluesky-kafka"}


def _missing_clients(names: tuple[str, ...]) -> Iterator[Finding]:
    for name in names:
        if _version_or_none(_CLIENTS[name]) is None:
            yield Finding("documents", "bad", f"{_CLIENTS[name]} is not installed; {how_to_install('documents')}")


def _version_or_none(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None

"""Finding the site file, and believing it only where nobody else can have written it."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from instruments.beamline.model import SiteFile
from orchestrator.domain.errors import SpecError

VARIABLE = "NIGHTSHIFT_SITE"
"""Names the site file; set by Nightshift for its own processes."""

_LARGEST = 1024 * 1024


def site_path(surroundings: Mapping[str, str]) -> Path:
    """Return where the site file is, from environment variables.

    Raises:
        SpecError: If nobody said.
    """
    written = surroundings.get(VARIABLE)
    if not written:
        raise SpecError(f"no site file; write one with `nightshift site init`, and name it in {VARIABLE} if it lies elsewhere")
    return Path(written).expanduser()


def read_site(path: Path) -> SiteFile:
    """Return what a site file says.

    Raises:
        SpecError: If it is missing, is not YAML, says something that cannot be, or could have been written by anybody else
            than root or this user; names file, key, value and way out.
    """
    text = _trusted_text(path)
    try:
        written: Any = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise SpecError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(written, dict):
        raise SpecError(f"{path}: a site file is a mapping of keys such as name, profile and axes; `nightshift site init` writes one")
    try:
        return SiteFile.model_validate(written)
    except ValidationError as error:
        raise SpecError("\n".join(f"{path}: {line}" for line in _told(error))) from None


def _told(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"])
        said = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{where or 'site file'}: {said}" if problem["type"] == "value_error" else f"{where} = {problem['input']!r}: {said}")
    return lines


def _trusted_text(path: Path) -> str:
    """Return the text, from the very file whose owner was looked at."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            require_own(path, found)
            require_own_folder(path)
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}; `nightshift site init` writes a site file") from None
    if len(content) > _LARGEST:
        raise SpecError(f"{path}: larger than {_LARGEST // 1024} kB; it is no site file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: byte {error.start} is not UTF-8 text; save it as UTF-8") from None


def require_own(path: Path, found: os.stat_result) -> None:
    """Refuse a file that others own or may write: it says what runs and what may move.

    Raises:
        SpecError: Names owner or permissions, and the command that mends them.
    """
    if not stat.S_ISREG(found.st_mode):
        raise SpecError(f"{path}: not a regular file; give the site file's path")
    if found.st_uid not in (0, os.geteuid()):
        raise SpecError(
            f"{path}: belongs to user {found.st_uid}; a site file must belong to root or to the user who runs Nightshift "
            f"({os.geteuid()}): sudo chown root {path}"
        )
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise SpecError(f"{path}: others may write it (mode {stat.S_IMODE(found.st_mode):o}); chmod go-w {path}")


def require_own_folder(path: Path) -> None:
    """Refuse a folder in which others could put another file in its place. Raises SpecError."""
    folder = path.resolve().parent
    found = folder.stat()
    is_open = bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)) and not found.st_mode & stat.S_ISVTX
    if found.st_uid not in (0, os.geteuid()) or is_open:
        raise SpecError(
            f"{path}: others may replace it, for they own or may write its folder {folder} "
            f"(user {found.st_uid}, mode {stat.S_IMODE(found.st_mode):o}); keep it in a folder of root's or yours, such as /etc/nightshift"
        )

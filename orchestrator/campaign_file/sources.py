"""Where a campaign file comes from: a path, or the name of a bundled campaign."""

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from orchestrator.domain.errors import SpecError
from orchestrator.wording import did_you_mean

MAX_BYTES = 256 * 1024
"""A pure-Python YAML reader takes seconds for this much; a campaign of ten parameters needs about 2 kB."""


@dataclass(frozen=True, slots=True)
class Source:
    """A campaign file's text and where its relative paths start."""

    text: str
    name: str
    folder: Path


def bundled_names() -> tuple[str, ...]:
    """Return the campaigns that can be run by name."""
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in _bundle().iterdir() if entry.name.endswith(".yaml")))


def bundled_text(name: str) -> str:
    """Return a bundled campaign as its author wrote it, comments included.

    Raises:
        SpecError: If no bundled campaign has that name.
    """
    if name not in bundled_names():
        raise SpecError(f"no bundled campaign is called {name!r}; {_way_out(name)}")
    return (_bundle() / f"{name}.yaml").read_text(encoding="utf-8")


def read_source(source: str | Path) -> Source:
    """Return the text of a campaign file.

    Args:
        source: A path, or a bundled campaign's name.

    Raises:
        SpecError: If it does not exist, cannot be read, is empty, too long, or not UTF-8 text.
    """
    written = os.fspath(source)
    if written in bundled_names():
        return Source(bundled_text(written), f"{written}.yaml", _bundle())
    path = Path(written)
    return Source(_decode(_read(path, written), written), written, path.absolute().parent)


def _bundle() -> Path:
    return Path(str(files("orchestrator.campaigns")))


def _way_out(name: str) -> str:
    return f"{did_you_mean(name, bundled_names())}bundled: {', '.join(bundled_names())}"


def _read(path: Path, written: str) -> bytes:
    if not path.exists():
        raise SpecError(f"{written}: no such file and no bundled campaign of that name; {_way_out(path.stem)}")
    if not path.is_file():
        raise SpecError(f"{written}: not a regular file; give the path of a campaign file")
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SpecError(f"{written}: cannot be read: {error.strerror}; check its permissions") from None


def _decode(content: bytes, name: str) -> str:
    if len(content) > MAX_BYTES:
        raise SpecError(f"{name}: larger than {MAX_BYTES // 1024} kB, the limit for a campaign file; move long lists into a CSV")
    if b"\x00" in content:
        raise SpecError(f"{name}: holds binary data; give a YAML text file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{name}: byte {error.start} is not UTF-8 text; give a YAML text file saved as UTF-8") from None
    if not text.strip():
        raise SpecError(f"{name}: empty; `nightshift new` prints a campaign to start from")
    return text

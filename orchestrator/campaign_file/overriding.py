"""``--set path.to.key=value``: one value of a campaign file replaced before it is validated."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from orchestrator.campaign_file.reading import Document, parse_value
from orchestrator.domain.errors import SpecError
from orchestrator.wording.explaining import KeyPath

_PLUGINS = ("agent", "fallback", "instrument", "guardians", "reward", "rewards")
"""Keys whose entries may be a plug-in's bare name."""


def override(document: Document, overrides: Mapping[str, str], seed: int | None = None) -> Document:
    """Return the document with values replaced.

    Args:
        document: What the file says.
        overrides: Values as YAML, by dotted path; list items by position from 0.
        seed: Replaces ``seed`` if given.

    Raises:
        SpecError: If a path leads nowhere or a value is not YAML; names the option.
    """
    for path, written in overrides.items():
        option = f"--set {path}={written}"
        if not path.strip() or not written.strip():
            raise SpecError(f"{option}: needs a path and a value, for example --set budget.trials=20")
        document = _override(document, path.split("."), parse_value(written, option), option)
    return document if seed is None else _override(document, ["seed"], seed, f"--seed {seed}")


def _override(document: Document, parts: Sequence[str], value: Any, option: str) -> Document:
    data, path = _with_value(document.data, parts, value, (), option)
    kept = {place: origin for place, origin in document.origins.items() if place[: len(path)] != path}
    made = {path[:length]: option for length in range(1, len(path) + 1)}
    return replace(document, data=data, origins={**made, **kept})


def _with_value(data: Any, parts: Sequence[str], value: Any, at: KeyPath, option: str) -> tuple[Any, KeyPath]:
    """Return a copy of the data with the value in its place, and that place."""
    if not parts:
        return value, at
    if isinstance(data, str):
        data = _spelled_out(data, at, option)
    if isinstance(data, list):
        return _with_item(data, parts, value, at, option)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise SpecError(f"{option}: {'.'.join(map(str, at))} is a single value and has no {parts[0]!r}; set it as a whole")
    key, rest = _split_key(data, parts)
    inner, path = _with_value(data.get(key), rest, value, (*at, key), option)
    return {**data, key: inner}, path


def _with_item(data: list[Any], parts: Sequence[str], value: Any, at: KeyPath, option: str) -> tuple[list[Any], KeyPath]:
    name, first = ".".join(map(str, at)), parts[0]
    if not first.isdecimal() or int(first) >= len(data):
        raise SpecError(
            f"{option}: {name} is a list of {len(data)}, without item {first!r}; use 0 to {len(data) - 1}, or set {name} as a whole"
        )
    index = int(first)
    inner, path = _with_value(data[index], parts[1:], value, (*at, index), option)
    return [*data[:index], inner, *data[index + 1 :]], path


def _split_key(data: Mapping[str, Any], parts: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the key meant and the parts after it; a parameter's name may itself hold dots."""
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        if key in data:
            return key, parts[length:]
    return parts[0], parts[1:]


def _spelled_out(word: str, at: KeyPath, option: str) -> dict[str, Any]:
    """Return the long form of ``agent: bayesian`` or ``approval: always``, so that keys can be set beside the word."""
    within = at[2:] if at[:1] == ("stages",) else at
    if within and within[0] in _PLUGINS:
        return {"type": word}
    if within == ("plan",):
        return {"name": word}
    if within == ("approval",):
        return {"mode": word}
    raise SpecError(f"{option}: {'.'.join(map(str, at))} is the text {word!r} and has no keys; set it as a whole")

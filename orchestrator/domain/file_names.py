"""Where detectors write: folder and name from the trial and the campaign's metadata, by a template of the site's."""

import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

_PLACE = re.compile(r"\{(?P<key>[A-Za-z_][A-Za-z0-9_]*)(:0?(?P<width>\d{1,2})d?)?\}")
TRIAL_KEYS = ("campaign", "trial", "attempt", "kind", "device")
"""What every trial says of itself; anything else is the campaign's metadata."""
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}")


def keys_of(template: str) -> tuple[str, ...]:
    """Return what a template wants to know, each once."""
    return tuple(dict.fromkeys(found["key"] for found in _PLACE.finditer(template)))


def problem_with_template(template: str) -> str:
    """Return what in a template is no ``{key}`` or ``{key:04d}``; empty where all of it is understood."""
    rest = _PLACE.sub("", template)
    return f"{template!r} has a brace that belongs to no key; write {{trial}} or {{trial:04d}}" if set("{}") & set(rest) else ""


def is_safe(value: JsonValue) -> bool:
    """Return whether a value may be part of a path: it leads nowhere else, and no program reads anything into it."""
    return isinstance(value, str | int) and not isinstance(value, bool) and bool(_SAFE.fullmatch(str(value))) and ".." not in str(value)


def unsafe(template: str, values: Mapping[str, JsonValue]) -> Iterator[str]:
    """Yield the keys whose values are missing, or may not be part of a path."""
    yield from (key for key in keys_of(template) if not is_safe(values.get(key)))


def filled(template: str, values: Mapping[str, JsonValue]) -> str:
    """Return a template with its keys replaced. KeyError if one is missing; the values must be safe."""

    def written(found: re.Match[str]) -> str:
        value = values[found["key"]]
        return f"{int(value):0{found['width']}d}" if found["width"] and isinstance(value, int) else str(value)

    return _PLACE.sub(written, template)


def fixed_part(root: str) -> str:
    """Return the folders above the first that depends on anything."""
    found = _PLACE.search(root)
    return root if found is None else root[: found.start()].rpartition("/")[0] or "/"

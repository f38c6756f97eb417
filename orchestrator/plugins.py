"""Finding plug-ins: a name in a campaign file becomes a class from an entry point."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from pydantic import ValidationError

from orchestrator.domain.errors import SpecError, UnknownPlugin
from orchestrator.domain.limits import Limits, safe_limits
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Space
from orchestrator.domain.spec import Plugin

Kind = Literal["agent", "reward", "analyser", "guardian", "instrument"]
KINDS: tuple[Kind, ...] = ("agent", "reward", "analyser", "guardian", "instrument")


@dataclass(frozen=True, slots=True)
class Found:
    """One plug-in that is installed."""

    kind: Kind
    name: str
    entry_point: EntryPoint

    def load(self) -> Any:
        return self.entry_point.load()

    @property
    def distribution(self) -> str:
        return self.entry_point.dist.name if self.entry_point.dist else ""


@cache
def _by_kind() -> Mapping[Kind, Mapping[str, Found]]:
    installed = entry_points()  # of all kinds at once: each look through the installed packages takes 25 ms
    return {kind: _named(kind, installed.select(group=f"nightshift.{kind}s")) for kind in KINDS}


def _named(kind: Kind, points: Iterable[EntryPoint]) -> Mapping[str, Found]:
    return {point.name: Found(kind, point.name, point) for point in sorted(points, key=lambda point: point.name)}


def found(kind: Kind) -> tuple[Found, ...]:
    """Return every plug-in of a kind, by name."""
    return tuple(_by_kind()[kind].values())


def load(kind: Kind, name: str) -> Any:
    """Return the plug-in class of that name.

    Raises:
        UnknownPlugin: If none is installed; suggests the nearest name.
    """
    try:
        return _by_kind()[kind][name].load()
    except KeyError:
        raise UnknownPlugin(_unknown(kind, name)) from None


def _unknown(kind: Kind, name: str) -> str:
    names = list(_by_kind()[kind])
    nearest = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    return f"no {kind} is called {name!r}; {hint}installed: {', '.join(names)}"


def settings_of(kind: Kind, plugin: Plugin) -> Any:
    """Return a plug-in's validated settings.

    Raises:
        UnknownPlugin: If no such plug-in is installed.
        SpecError: If a setting is unknown or wrong; names the plug-in, the setting and the value.
    """
    cls = load(kind, plugin.type)
    try:
        return cls.Settings.model_validate(plugin.settings)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        known = ", ".join(cls.Settings.model_fields) or "none"
        message = f"{kind} {plugin.type}: {where or 'settings'} = {first['input']!r}: {first['msg']}; its settings: {known}"
        raise SpecError(message) from None


def build(kind: Kind, plugin: Plugin) -> Any:
    """Return the plug-in a campaign names, with its settings. Raises as ``settings_of``."""
    return load(kind, plugin.type)(settings_of(kind, plugin))


def heeds_limits(agent: Plugin) -> bool:
    """Return whether an agent passes over points that probably break a limit, and keeps to the safe region where one is safe."""
    return bool(getattr(load("agent", agent.type), "heeds_limits", False))


def require_suited(role: str, agent: Plugin, space: Space, objectives: Sequence[Objective]) -> None:
    """Refuse an agent whose settings do not suit the campaign, where it tells that beforehand.

    Raises:
        SpecError: A line for each problem.
    """
    problems = getattr(build("agent", agent), "problems", None)
    lines = [] if problems is None else [f"{role} {agent.type}: {problem}" for problem in problems(space, objectives)]
    if lines:
        raise SpecError("\n".join(lines))


def require_safe(role: str, agent: Plugin, limits: Limits) -> None:
    """Refuse an agent that would leave the safe region.

    Raises:
        SpecError: If a limit is safe and the agent does not heed limits.
    """
    names = ", ".join(safe_limits(limits))
    if not names or heeds_limits(agent):
        return
    able = ", ".join(each.name for each in found("agent") if getattr(each.load(), "heeds_limits", False))
    raise SpecError(
        f"{role} {agent.type}: the limit on {names} is safe, and this agent does not heed limits, so it would go where they may be broken; "
        f"choose one that does ({able}), or leave safe out"
    )

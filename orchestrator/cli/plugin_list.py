"""Every plug-in installed, with its settings."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator import plugins
from orchestrator.cli.console import tell
from orchestrator.wording import show_value


@dataclass(frozen=True, slots=True)
class Listed:
    """One plug-in, or why it cannot be used."""

    kind: str
    name: str
    distribution: str
    summary: str
    settings: Mapping[str, Any]
    """JSON Schema of its settings; empty when it cannot be loaded."""
    problem: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "distribution": self.distribution,
            "summary": self.summary,
            "settings": dict(self.settings),
            "problem": self.problem,
        }


def all_plugins() -> Iterator[Listed]:
    """Yield every plug-in by kind and name; one that cannot be loaded is listed with the reason."""
    for kind in plugins.KINDS:
        for found in plugins.found(kind):
            yield _listed(found)


def _listed(found: plugins.Found) -> Listed:
    try:
        cls = found.load()
        summary = (sys.modules[cls.__module__].__doc__ or "").strip().partition("\n")[0]
        return Listed(found.kind, found.name, found.distribution, summary, cls.Settings.model_json_schema())
    except Exception as error:  # somebody else's module may raise anything at import; it must not hide the others
        return Listed(found.kind, found.name, found.distribution, "", {}, problem=f"{type(error).__name__}: {error}")


def print_plugins(listed: Iterable[Listed]) -> None:
    """Print each plug-in with its settings and their defaults."""
    kind = ""
    for plugin in listed:
        if plugin.kind != kind:
            kind = plugin.kind
            tell(f"{kind}s")
        tell(f"  {plugin.name:<20} {plugin.problem or plugin.summary}  [{plugin.distribution}]")
        for line in _setting_lines(plugin.settings):
            tell(f"      {line}")


def _setting_lines(schema: Mapping[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    for name, setting in schema.get("properties", {}).items():
        default = "required" if name in required else show_value(setting.get("default"))
        yield f"{name}: {default}"

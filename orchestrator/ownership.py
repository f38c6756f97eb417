"""Are our four top-level packages ours? Other distributions use such names, and pip lets the later one win."""

from importlib.util import find_spec
from pathlib import Path

from orchestrator.domain.errors import BadInput

OUR_PACKAGES = ("orchestrator", "agents", "instruments", "rewards")


def strangers() -> tuple[str, ...]:
    """Return which of our top-level packages Python would import from somewhere else. Costs about a millisecond."""
    return tuple(name for name in OUR_PACKAGES if _found(name) != _home() / name)


def describe_stranger(name: str) -> str:
    """Return where a package comes from, where it should, and the way out."""
    return f"{name!r} is imported from {_found(name)}, not from {_home() / name}; start in another folder, or use an environment of its own"


def require_own_packages() -> None:
    """Refuse to run somebody else's code under our names.

    Raises:
        BadInput: Names the package and where it would come from.
    """
    if foreign := strangers():
        raise BadInput(describe_stranger(foreign[0]))


def _home() -> Path:
    return Path(__file__).resolve().parent.parent


def _found(package: str) -> Path | None:
    spec = find_spec(package)
    return None if spec is None or spec.origin is None else Path(spec.origin).resolve().parent

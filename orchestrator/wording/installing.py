"""How to add what is not installed."""

from pathlib import Path


def how_to_install(extra: str = "") -> str:
    """Return the command that adds an extra's packages, or those that Nightshift cannot do without.

    It names Nightshift's own folder, never its name alone: a package index knows another project as ``nightshift``.
    """
    folder = Path(__file__).resolve().parents[2]
    where = str(folder) if (folder / "pyproject.toml").exists() else "Nightshift's folder"
    named = f"'.[{extra}]'" if extra else "."
    return f"in {where}, run: pip install -c constraints.txt -e {named}"

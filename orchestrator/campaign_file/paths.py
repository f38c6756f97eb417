"""Paths that campaign files name."""

from pathlib import Path

WAY_OUT = "leads out of the campaign folder; put the file there and give its name, relative and without '..'"


def leads_out(text: str, folder: Path) -> bool:
    """Return whether a text, taken as a path from the folder, is anywhere else; symbolic links count as where they lead."""
    if text.startswith("~") or "\\" in text or "\0" in text:
        return True
    return not (folder / text).resolve().is_relative_to(folder.resolve())

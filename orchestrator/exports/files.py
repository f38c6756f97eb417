"""Writing what people asked for, whole or not at all."""

from pathlib import Path

from orchestrator.domain.errors import BadInput


def write_whole(path: Path, content: str) -> None:
    """Write a text file in UTF-8; an older one is replaced only once the new one is complete.

    Raises:
        BadInput: If it cannot be written; names the path, what is wrong and the way out.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_text(content, encoding="utf-8", newline="")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise BadInput(f"cannot write {path}: {error.strerror or error}; choose another file with -o") from None

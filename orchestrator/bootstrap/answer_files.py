"""Files in which an analysis answers: JSON or CSV, read whole and checked before anything is sent."""

import csv
import json
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from orchestrator.domain.errors import BadInput
from orchestrator.wire.orders import ScoreOrder

MAX_BYTES = 64 * 1024
SUFFIXES = (".json", ".csv")

_COLUMNS = ("campaign", "trial", "run_uid", "value", "sd", "failed", "correct", "note")
_SD = "_sd"


class FileAnswer(ScoreOrder):
    """What one file, or one row of a CSV, says."""

    campaign: str = Field(min_length=1, max_length=200)
    """Whose trial: a number alone could be another night's."""
    trial: int = Field(ge=1)


class Incomplete(BadInput):
    """The file may still be being written."""


def read_answers(path: Path) -> tuple[FileAnswer, ...]:
    """Return what a file says.

    Raises:
        Incomplete: If it ends in the middle; worth another look.
        BadInput: If it is no answer: names what stands there.
        OSError: If it cannot be read.
    """
    with path.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise BadInput(f"it is larger than {MAX_BYTES // 1024} kB; an answer is a few numbers")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"byte {error.start} is not UTF-8 text") from None
    rows = _rows(text) if path.suffix.lower() == ".csv" else _documents(text)
    return tuple(map(checked, rows))


def _documents(text: str) -> tuple[Any, ...]:
    try:
        return (json.loads(text),)
    except (ValueError, RecursionError) as error:
        raise Incomplete(f"it is no JSON: {error}") from None


def _rows(text: str) -> tuple[Mapping[str, Any], ...]:
    """Return a CSV's rows; objectives beside ``value`` are columns of their own name, with ``NAME_sd``."""
    if not text.endswith("\n"):
        raise Incomplete("its last line does not end")
    rows = tuple(csv.DictReader(StringIO(text)))
    if not rows:
        raise BadInput("it holds no row beneath its header")
    return tuple(map(_row, rows))


def _row(cells: Mapping[str | None, Any]) -> Mapping[str, Any]:
    if None in cells:
        raise BadInput(f"a row has more cells than the header: {cells[None]}")
    given = {str(name).strip(): value.strip() for name, value in cells.items() if value and value.strip()}
    others = [name for name in given if name not in _COLUMNS]
    scores = {name: {"value": given[name]} for name in others if not name.endswith(_SD)}
    for name in others:
        if name.endswith(_SD) and name.removesuffix(_SD) in scores:
            scores[name.removesuffix(_SD)]["sd"] = given[name]
    written: dict[str, Any] = {name: value for name, value in given.items() if name in _COLUMNS}
    if "correct" in written:
        written["correct"] = written["correct"].lower() in ("true", "yes", "1")
    return {**written, **({"scores": scores} if scores else {})}


def checked(written: Any) -> FileAnswer:
    """Return an answer. Raises BadInput if it is none: names what stands there."""
    if not isinstance(written, dict):
        raise BadInput(f"it holds a {type(written).__name__}, not an object with campaign, trial and value")
    try:
        return FileAnswer.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        what = "is missing" if first["type"] == "missing" else f"= {first['input']!r}: {first['msg'].removeprefix('Value error, ')}"
        raise BadInput(f"{where} {what}") from None

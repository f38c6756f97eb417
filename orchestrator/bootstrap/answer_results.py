"""What a result in Tiled says of a trial, read by the keys that a campaign declares. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from orchestrator.bootstrap.answer_files import FileAnswer, Incomplete, checked
from orchestrator.domain.analysis import CatalogueAnswers
from orchestrator.domain.errors import BadInput
from orchestrator.outbox.tiled_answers import Result

_ALSO = ("failed", "correct", "note")
"""Keys that mean what they mean in an answer's file."""

Named = Mapping[str, Any]
"""What a result says of its trial: ``trial``, maybe ``attempt`` or ``run_uid``."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What counts as an answer under one path, for all objectives that are told there."""

    path: str
    trial: str
    run: str | None
    keys: Mapping[str, tuple[str, str]]
    """By objective: the keys of value and standard deviation."""

    def is_answer(self, result: Result) -> bool:
        """Return whether a result tells a score, or that there is none: others of the same trial are its by-products."""
        return bool(found(result.metadata, "failed")) or bool(self._in_metadata(result)) or bool(self._in_columns(result))

    def answer(self, result: Result, campaign: str, named: Named) -> FileAnswer:
        """Return what a result says.

        Args:
            result: One that ``is_answer``.
            campaign: Whose.
            named: What it says of its trial.

        Raises:
            Incomplete: If its table is still empty.
            BadInput: If it cannot be an answer; says why.
            Unreachable: If its table cannot be read now.
        """
        also = {key: value for key in _ALSO if (value := found(result.metadata, key)) is not None}
        scores = {} if also.get("failed") else self._scores(result)
        which = {key: named[key] for key in ("trial", "run_uid") if key in named}
        return checked({"campaign": campaign, **which, **({"scores": scores} if scores else {}), **also})

    def _scores(self, result: Result) -> Mapping[str, Any]:
        told = self._in_metadata(result)
        columns = [name for name in self._in_columns(result) if name not in told]
        row = _only_row(result, [key for name in columns for key in self.keys[name]]) if columns else {}
        return {name: self._score(name, result.metadata if name in told else row) for name in (*told, *columns)}

    def _score(self, name: str, where: Mapping[str, Any]) -> Mapping[str, Any]:
        value_key, sd_key = self.keys[name]
        value, sd = found(where, value_key), found(where, sd_key)
        if value is None:
            raise BadInput(f"{value_key} is null, as Tiled keeps a NaN; where the analysis found nothing, say so in failed")
        return {"value": value} if sd is None else {"value": value, "sd": sd}

    def _in_metadata(self, result: Result) -> tuple[str, ...]:
        return tuple(name for name, (value, _sd) in self.keys.items() if has(result.metadata, value))

    def _in_columns(self, result: Result) -> tuple[str, ...]:
        return tuple(name for name, (value, _sd) in self.keys.items() if value in result.columns)


def declared(by_objective: Mapping[str, CatalogueAnswers]) -> tuple[Declared, ...]:
    """Return what is to be watched: objectives that are told in the same place and way, together."""
    places = dict.fromkeys((each.path, each.trial, each.run) for each in by_objective.values())
    return tuple(
        Declared(*place, {name: (one.value, one.sd) for name, one in by_objective.items() if (one.path, one.trial, one.run) == place})
        for place in places
    )


def found(metadata: Mapping[str, Any], key: str) -> Any:
    """Return what a key leads to, dots leading into nested mappings; None where there is nothing."""
    if key in metadata:
        return metadata[key]
    first, _, rest = key.partition(".")
    inner = metadata.get(first)
    return found(inner, rest) if rest and isinstance(inner, Mapping) else None


def has(metadata: Mapping[str, Any], key: str) -> bool:
    """Return whether a key leads anywhere, be it to null."""
    if key in metadata:
        return True
    first, _, rest = key.partition(".")
    inner = metadata.get(first)
    return bool(rest) and isinstance(inner, Mapping) and has(inner, rest)


def signature(result: Result) -> str:
    """Return what changes when a result's metadata do."""
    return sha256(json.dumps(result.metadata, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _only_row(result: Result, wanted: Sequence[str]) -> Mapping[str, Any]:
    rows = result.read([column for column in dict.fromkeys(wanted) if column in result.columns])
    if not rows:
        raise Incomplete("its table is empty")
    if len(rows) > 1:
        raise BadInput(f"its table has {len(rows)} rows; an answer is one row, or stands in the metadata")
    return rows[0]

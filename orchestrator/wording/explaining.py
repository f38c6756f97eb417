"""pydantic's errors as sentences a scientist can act on: where, which key, which value, what is wrong, the way out."""

import re
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from orchestrator.domain.spec import NAME
from orchestrator.wording import choose_from, did_you_mean, show_value

KeyPath = tuple[str | int, ...]
"""Keys and list positions from the top of a campaign file, or of what else was written."""

_WORDS = {
    "missing": "required and missing; add it",
    "extra_forbidden": "unknown key; correct or remove it",
    "json_invalid": "no JSON: {error}",
    "greater_than": "must be above {gt}; write a larger value",
    "greater_than_equal": "must be at least {ge}; write a larger value",
    "less_than": "must be below {lt}; write a smaller value",
    "less_than_equal": "must be at most {le}; write a smaller value",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a text; put it in quotes",
    "literal_error": "must be one of {expected}{meant}",
    "tuple_type": "must be a list, for example [a, b]",
    "list_type": "must be a list, for example [a, b]",
    "mapping_type": "must be a mapping of keys to values{example}",
    "dict_type": "must be a mapping of keys to values{example}",
    "model_type": "must be a mapping of keys to values{example}",
    "model_attributes_type": "must be a mapping of keys to values{example}",
    "too_short": "has {actual_length} entries; give at least {min_length}",
    "too_long": "has {actual_length} entries; give at most {max_length}",
}
"""By pydantic's error type; anything else keeps pydantic's own sentence."""
_EXAMPLES = {
    "space": ", for example {limits: [0, 25]} or {values: [Al, Cu]}",
    "constraints": ", for example {weights: {x: 1, y: 2}, upper: 10}",
    "objectives": ", for example {flux: maximise}",
    "agent": ", or a name such as bayesian",
    "fallback": ", or a name such as sobol",
}
"""Of what people write without a mapping, by the key it stands below."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one value."""

    path: KeyPath
    text: str
    """From after the dotted path: ``= 0: must be at least 1; write a larger value``."""


def explain(error: ValidationError, data: Any, model: type[BaseModel], prefix: KeyPath = ()) -> tuple[Problem, ...]:
    """Return a validation's problems, without repeats.

    Args:
        error: What pydantic raised.
        data: What was validated, as written; its keys tell parts of a location from pydantic's names for union members.
        model: What it was validated against; knows the keys that an unknown one may have meant.
        prefix: Where ``data`` stands in the campaign file.
    """
    problems: dict[Problem, None] = {}
    for details in _of_members_meant(error.errors(include_url=False), data):
        path = _written_path(details["loc"], data, is_missing=details["type"] == "missing")
        problems[Problem((*prefix, *path), _sentence(details, model))] = None
    return tuple(problems)


def _of_members_meant(errors: Iterable[Any], data: Any) -> list[Any]:
    """Drop complaints of the union members nobody meant: a list of candidates is not a wrong ``{csv: FILE}``."""
    candidates = data.get("candidates") if isinstance(data, Mapping) else None
    unmeant = ("CandidatesFile", "CandidatesArtefact") if not isinstance(candidates, Mapping) else ("tuple", "CandidatesArtefact")
    kept = [
        details for details in errors if not (details["loc"][:1] == ("candidates",) and str((*details["loc"], "")[1]).startswith(unmeant))
    ]
    return _one_per_value(_without_echoes(kept))


def _without_echoes(errors: Sequence[Any]) -> list[Any]:
    """Drop "too short" about a list whose items are refused themselves: pydantic counts only the good ones."""
    inner = {details["loc"][:length] for details in errors for length in range(len(details["loc"]))}
    return [details for details in errors if not (details["type"] == "too_short" and details["loc"] in inner)]


def _one_per_value(errors: Sequence[Any]) -> list[Any]:
    """Keep one complaint where every member of number-or-text refuses the same value."""
    members = ("float", "int", "str")
    seen: set[tuple[Any, ...]] = set()
    kept: list[Any] = []
    for details in errors:
        loc = details["loc"]
        if len(loc) > 1 and loc[-1] in members:
            if loc[:-1] in seen:
                continue
            seen.add(loc[:-1])
            details = {**details, "type": "value_error", "msg": "must be a number or a text", "ctx": {}}
        kept.append(details)
    return kept


def _written_path(loc: Sequence[str | int], data: Any, *, is_missing: bool) -> KeyPath:
    """Return a location as written: without union members' names, and with ``reward`` where the file says so."""
    loc = with_one_reward(tuple(loc), data)
    path: list[str | int] = []
    for index, part in enumerate(loc):
        if _has(data, part):
            path.append(part)
            data = data[part]
        elif is_missing and index == len(loc) - 1:
            path.append(part)
    return tuple(path)


def with_one_reward(path: KeyPath, data: Any) -> KeyPath:
    """Return a path with ``reward`` in place of ``rewards.0`` where that is what was written, in a stage too."""
    for index, part in enumerate(path):
        if part == "rewards" and isinstance(data, Mapping) and "reward" in data:
            return (*path[:index], "reward", *path[index + 2 :])
        data = data[part] if _has(data, part) else None
    return path


def _has(data: Any, part: str | int) -> bool:
    return part in data if isinstance(data, Mapping) else isinstance(data, list) and isinstance(part, int) and part < len(data)


def _sentence(details: Mapping[str, Any], model: type[BaseModel]) -> str:
    kind, context = details["type"], details.get("ctx") or {}
    if kind == "extra_forbidden":
        return f": unknown key; {choose_from(str(details['loc'][-1]), known_keys(model, details['loc'][:-1]))}"
    if kind == "missing" and details["loc"][-1:] == ("rewards",):
        return ": required and missing; add reward: {signal: NAME}"
    if kind == "missing":
        return f": {_WORDS['missing']}"
    if kind == "union_tag_invalid":
        return f".type = {show_value(context['tag'])}: must be one of {context['expected_tags']}"
    if kind == "string_pattern_mismatch" and context.get("pattern") == NAME:
        return (
            f" = {show_value(details['input'])}: must start with a letter and hold only letters, digits, dot, dash, underscore (64 at most)"
        )
    return f"{_shown(details['input'])}: {words_for(details)}"


def words_for(details: Mapping[str, Any]) -> str:
    """Return what is wrong with one value, without its place: ``must be a whole number``.

    Args:
        details: One of a ValidationError's ``errors()``.
    """
    kind, context = details["type"], details.get("ctx") or {}
    if kind in _WORDS:
        if kind in ("too_short", "too_long") and isinstance(details["input"], Sized):
            context = {**context, "actual_length": len(details["input"])}  # pydantic does not count a mapping's
        meant = _meant(details["input"], str(context.get("expected", "")))
        return _WORDS[kind].format(**context, example=_example(details["loc"]), meant=meant)
    return _own_words(details["msg"])


def _meant(written: Any, expected: str) -> str:
    """Return ``; did you mean 'maximise'?``, of words as pydantic lists them, or an empty string."""
    nearest = did_you_mean(written, re.findall("'([^']*)'", expected)) if isinstance(written, str) else ""
    return f"; {nearest.rstrip()}" if nearest else ""


def _example(loc: Sequence[str | int]) -> str:
    """Return how a value is written; nothing for a whole section, such as the space itself."""
    is_section = loc[:1] in (("space",), ("constraints",)) and len(loc) == 1
    return "" if is_section else _EXAMPLES.get(str(loc[0]) if loc else "", "")


def _own_words(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _shown(value: Any) -> str:
    """Return `` = value``; nothing for a whole section, whose problem the sentence itself names."""
    return "" if isinstance(value, dict | BaseModel) else f" = {show_value(value)}"


def known_keys(model: type[BaseModel], loc: Sequence[str | int]) -> tuple[str, ...]:
    """Return the keys that may stand at a location of a model."""
    models: tuple[type[BaseModel], ...] = (model,)
    for part in loc:
        fields = [each.model_fields[part] for each in models if isinstance(part, str) and part in each.model_fields]
        if fields:
            models = tuple(inner for field in fields for inner in _models_in(field.annotation, *field.metadata))
        else:
            models = tuple(each for each in models if part in _names_of(each)) or models
    names = dict.fromkeys(name for each in models for name in each.model_fields)
    return (*names, "reward") if "rewards" in names else tuple(names)


def _models_in(*annotations: Any) -> Iterable[type[BaseModel]]:
    for annotation in annotations:
        if isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel):
            yield annotation
        elif get_origin(annotation) is not Literal:
            yield from _models_in(*get_args(annotation))


def _names_of(model: type[BaseModel]) -> tuple[Any, ...]:
    """Return how pydantic calls a union member in a location: its class, or the words its ``type`` may have."""
    tag = model.model_fields.get("type")
    return (model.__name__, *(get_args(tag.annotation) if tag is not None else ()))

"""YAML text to plain data, each value with the line it stands on.

Read from parser events, so that nothing is ever constructed but texts, numbers, booleans and nulls. Anchors, aliases,
tags and directives are refused: a campaign file needs none of them, and each is a way to make a small file large or
data into code. YAML 1.2, so ``07:30`` and ``no`` are texts.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as ye
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode

from orchestrator.domain.errors import SpecError
from orchestrator.wording import dotted, show_value
from orchestrator.wording.explaining import KeyPath

MAX_DEPTH = 24
_TYPED = tuple(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float"))


@dataclass(frozen=True, slots=True)
class Document:
    """A campaign file's content before it is validated."""

    data: dict[str, Any]
    name: str
    origins: Mapping[KeyPath, str] = field(default_factory=dict)
    """Where each value was written: ``my.yaml:7``, or the option that set it."""

    def origin(self, path: KeyPath) -> str:
        """Return where a value, or the nearest thing around it, was written."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
        return self.name

    def at(self, path: KeyPath) -> str:
        """Return where a value was written and what it is called, as problems begin: ``my.yaml:7: instrument``."""
        return f"{self.origin(path)}: {dotted(path)}" if path else self.origin(path)


def parse(text: str, name: str, what: str = "a campaign file is a mapping of keys such as name and instrument") -> Document:
    """Return a YAML mapping's data and lines.

    Args:
        text: YAML.
        name: What problems call it.
        what: What it is, told when it is no mapping.

    Raises:
        SpecError: If the text is not YAML, not one mapping, or uses more of YAML than plain data; names the line.
    """
    builder = _Builder(name, lambda line: f"{name}:{line}")
    data = builder.read(text)
    if not isinstance(data, dict):
        raise SpecError(f"{name}:1: {what}, not {show_value(data)}")
    return Document(data, name, builder.origins)


def parse_value(text: str, name: str) -> Any:
    """Return one YAML value, such as ``0.5`` or ``[0, 25]``. Raises as ``parse``."""
    return _Builder(name, lambda _: name).read(text)


_AT_PROBLEM = (
    ("found character '\\t'", "a tab stands here; indent with spaces"),
    ("that cannot start any token", "a text cannot begin with this character; put the text in quotes"),
    (
        "mapping values are not allowed",
        "a colon too many, or an indent that does not fit the line above; put a text that holds ': ' in quotes",
    ),
    ("expected <block end>", "this line is indented unlike those it belongs to"),
    ("expected '<document start>'", "a line above this one is no KEY: VALUE"),
)
_WHERE_IT_BEGAN = (
    ("could not find expected ':'", "this line is no KEY: VALUE; write a colon and a space between them"),
    ("found unexpected end of stream", "a quote that is opened here is never closed"),
    ("expected ',' or", "a bracket that is opened here is not closed, or a comma is missing in it"),
)
"""What the parser complains of, by how it begins or what it holds, and what people call it; at the line it found, or where that began."""


def _in_plain_words(error: MarkedYAMLError) -> tuple[int, str]:
    """Return the line to look at, counted from 1, and what is wrong there."""
    problem = str(error.problem)
    if error.context_mark is not None:
        for begin, words in _WHERE_IT_BEGAN:
            if begin in problem:
                return error.context_mark.line + 1, words
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    found = next((words for begin, words in _AT_PROBLEM if begin in problem), None)
    return line, found or f"{problem}; check the indentation and quotes there"


class _Builder:
    """Builds data from parser events; one per text."""

    def __init__(self, name: str, place: Callable[[int], str]) -> None:
        self.origins: dict[KeyPath, str] = {}
        self._name = name
        self._place_of_line = place
        self._yaml = YAML(typ="safe", pure=True)

    def read(self, text: str) -> Any:
        try:
            return self._read(self._plain(self._yaml.parse(text)))
        except MarkedYAMLError as error:
            line, words = _in_plain_words(error)
            raise SpecError(f"{self._place_of_line(line)}: not valid YAML: {words}") from None
        except YAMLError as error:
            raise SpecError(f"{self._name}: not valid YAML: {str(error).splitlines()[0]}; give a YAML text file") from None

    def _read(self, events: Iterator[Any]) -> Any:
        next(events)
        first = next(events)
        if isinstance(first, ye.StreamEndEvent):
            raise SpecError(f"{self._name}: empty; `nightshift new` prints a campaign to start from")
        data = self._value(next(events), events, ())
        next(events)
        after = next(events)
        if not isinstance(after, ye.StreamEndEvent):
            raise self._refusal(after, "a second document starts here; a campaign file holds one, so remove the --- line or split the file")
        return data

    def _plain(self, events: Iterator[Any]) -> Iterator[Any]:
        """Pass on what plain data needs and refuse the rest."""
        for event in events:
            if isinstance(event, ye.AliasEvent) or getattr(event, "anchor", None):
                raise self._refusal(event, "anchors and aliases (& and *) are refused; write the value out")
            if isinstance(event, ye.NodeEvent) and (tag := getattr(event, "tag", None)):
                raise self._refusal(event, f"the tag {tag} is refused: a campaign file is data, never code; remove the tag")
            if isinstance(event, ye.DocumentStartEvent) and (event.version or event.tags):
                raise self._refusal(event, "YAML directives (%) are refused; remove the line")
            yield event

    def _value(self, event: Any, events: Iterator[Any], path: KeyPath) -> Any:
        self.origins.setdefault(path, self._place(event))
        if len(path) > MAX_DEPTH:
            raise self._refusal(event, f"nested deeper than {MAX_DEPTH} levels; a campaign needs fewer than ten")
        match event:
            case ye.MappingStartEvent():
                return self._mapping(events, path)
            case ye.SequenceStartEvent():
                return self._sequence(events, path)
            case _:
                return self._scalar(event, path)

    def _mapping(self, events: Iterator[Any], path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(events), ye.MappingEndEvent):
            key = self._key(event, path)
            if key in mapping:
                raise self._refusal(event, f"{key!r} stands here twice; keep one (the first is at {self.origins[(*path, key)]})")
            self.origins[(*path, key)] = self._place(event)
            mapping[key] = self._value(next(events), events, (*path, key))
        return mapping

    def _key(self, event: Any, path: KeyPath) -> str:
        key = self._scalar(event, path) if isinstance(event, ye.ScalarEvent) else None
        if not isinstance(key, str):
            raise self._refusal(event, f"the key {show_value(key)} is not a text; put it in quotes")
        return key

    def _sequence(self, events: Iterator[Any], path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), ye.SequenceEndEvent):
            items.append(self._value(event, events, (*path, len(items))))
        return items

    def _scalar(self, event: Any, path: KeyPath) -> Any:
        if any(_is_unkeepable(character) for character in event.value):
            raise self._refusal(event, "a text holds the character zero, or half of a character, which cannot be kept; leave it out")
        tag = str(self._yaml.resolver.resolve(ScalarNode, event.value, event.implicit))
        if tag not in _TYPED:
            return event.value
        try:
            value = self._yaml.constructor.construct_object(ScalarNode(tag, event.value))
        except ValueError:
            raise self._refusal(event, f"{show_value(event.value)} is not a number that can be read; shorten it") from None
        if isinstance(value, float) and not math.isfinite(value):
            raise self._refusal(event, f"{'.'.join(map(str, path))} = {event.value} is not finite; write a number")
        return value

    def _place(self, event: Any) -> str:
        return self._place_of_line(event.start_mark.line + 1)

    def _refusal(self, event: Any, reason: str) -> SpecError:
        return SpecError(f"{self._place(event)}: {reason}")


def _is_unkeepable(character: str) -> bool:
    """Return whether a character escaped in quotes, such as "\\ud800", is one that neither UTF-8 nor a database can hold."""
    return character == "\0" or "\ud800" <= character <= "\udfff"

"""Fields of pydantic models with their types and the sentences beneath them, read from the source."""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

_SECONDS = "duration"
_TYPES: Mapping[str, str] = {
    "str": "text",
    "float": "number",
    "int": "whole number",
    "bool": "true or false",
    "Duration": _SECONDS,
    "Moment": "time, UTC",
    "Setting": "number or text",
    "JsonValue": "anything",
    "Any": "anything",
    "PluginRef": "plug-in",
    "AgentRef": "plug-in",
    "PlanRef": "plan",
    "Derived": "derived signal",
    "Routines": "list of routines",
    "RoutineKind": "`alignment`, `dark`, `calibration` or `reference`",
    "Occasions": "word or list of them",
    "Plugin": "plug-in",
    "RewardPlugin": "plug-in",
    "AnySpec": "campaign",
    "StageName": "text",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field, as a page shows it."""

    name: str
    type: str
    default: str
    """As JSON; ``required`` where there is none."""
    meaning: str
    """One line; empty where the source says nothing."""


def fields(model: type[BaseModel]) -> tuple[Field, ...]:
    """Return a model's fields in order, inherited ones first; ``type``, which names the model, is left out."""
    written = {name: entry for cls in reversed(model.__mro__) if _is_ours(cls) for name, entry in _written(cls).items()}
    return tuple(
        Field(name, shown_type(annotation), _default(model.model_fields[name]), meaning)
        for name, (annotation, meaning) in written.items()
        if name in model.model_fields and annotation != "None" and not (name == "type" and annotation.startswith("Literal"))
    )


def summary(model: type[Any]) -> str:
    """Return a class's own docstring on one line; empty where it has none."""
    return " ".join((model.__dict__.get("__doc__") or "").split()) if "__doc__" in _own(model) else ""


def _own(model: type[Any]) -> Mapping[str, Any]:
    """Return what the source of a class gives; pydantic fills an absent docstring with an inherited one."""
    return {"__doc__": True} if ast.get_docstring(_class(model)) else {}


def _is_ours(cls: type[Any]) -> bool:
    return issubclass(cls, BaseModel) and cls is not BaseModel


def _written(cls: type[Any]) -> dict[str, tuple[str, str]]:
    """Return annotation and docstring of each field written in one class."""
    found: dict[str, tuple[str, str]] = {}
    last = ""
    for node in _class(cls).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            last = node.target.id
            found[last] = (ast.unparse(node.annotation), "")
        elif last and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found[last] = (found[last][0], " ".join(node.value.value.split()))
            last = ""
        else:
            last = ""
    return found


@cache
def _class(cls: type[Any]) -> ast.ClassDef:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(node, ast.ClassDef)
    return node


def shown_type(annotation: str) -> str:
    """Return ``list of number`` for ``tuple[float, ...]``, and so on; a class of ours becomes its name."""
    return _shown(ast.parse(annotation, mode="eval").body)


def _shown(node: ast.expr) -> str:
    match node:
        case ast.BinOp(op=ast.BitOr()):
            return " or ".join(dict.fromkeys(part for part in _union(node) if part != "None"))
        case ast.Subscript(value=ast.Name(id="Literal")):
            return " or ".join(f"`{choice}`" for choice in _elements(node.slice))
        case ast.Subscript(value=ast.Name(id="Annotated")):
            assert isinstance(node.slice, ast.Tuple)
            return _shown(node.slice.elts[0])
        case ast.Subscript(value=ast.Name(id="Mapping")):
            assert isinstance(node.slice, ast.Tuple)
            return f"{_shown(node.slice.elts[1])} by name"
        case ast.Subscript(value=ast.Name(id="tuple")):
            return _shown_list(node.slice)
        case ast.Constant(value=None):
            return "None"
        case _:
            name = ast.unparse(node)
            return _TYPES.get(name, name)


def _shown_list(inside: ast.expr) -> str:
    assert isinstance(inside, ast.Tuple)
    if isinstance(inside.elts[-1], ast.Constant) and inside.elts[-1].value is Ellipsis:
        return f"list of {_shown(inside.elts[0])}"
    return "[" + ", ".join(_shown(element) for element in inside.elts) + "]"


def _union(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.BinOp):
        yield from _union(node.left)
        yield from _union(node.right)
    else:
        yield _shown(node)


def _elements(inside: ast.expr) -> list[Any]:
    elements = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    return [element.value for element in elements if isinstance(element, ast.Constant)]


def _default(info: Any) -> str:
    if info.is_required():
        return "required"
    value = info.default if info.default is not PydanticUndefined else info.default_factory()
    if isinstance(value, BaseModel):
        return f"`{value.type}`" if hasattr(value, "type") else "its own defaults"  # pyright: ignore[reportAttributeAccessIssue]
    return "–" if value is None else f"`{json.dumps(value, ensure_ascii=False, default=str)}`"


def models_of(module: ModuleType) -> tuple[type[BaseModel], ...]:
    """Return the models a module itself defines, in order."""
    return tuple(cls for cls in vars(module).values() if isinstance(cls, type) and _is_ours(cls) and cls.__module__ == module.__name__)


def table(model: type[BaseModel], meanings: Mapping[str, str], *, first: str = "field") -> str:
    """Return a model's fields as a Markdown table; ``meanings`` speaks where the source does not."""
    rows = [f"| `{each.name}` | {each.type} | {each.default} | {_meaning(each, model, meanings)} |" for each in fields(model)]
    return "\n".join([f"| {first} | type | default | meaning |", "|---|---|---|---|", *rows])


def _meaning(each: Field, model: type[BaseModel], meanings: Mapping[str, str]) -> str:
    meaning = each.meaning or meanings.get(f"{model.__name__}.{each.name}") or meanings.get(each.name)
    if meaning is None:
        raise LookupError(f"nothing says what {model.__name__}.{each.name} means; write it beneath the field, or in tests/docs/meanings.py")
    return meaning.replace("``", "`").replace("|", "\\|")

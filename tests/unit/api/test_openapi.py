"""The API's description is in the repository, and changes only together with its version."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from orchestrator.api.app import API_VERSION
from tests.api_file import PUBLISHED, as_text, current, published, signed, wants_new_version
from tests.unit.api.conftest import Api

REFUSALS = {"400", "401", "403", "404", "409", "413", "422", "429", "500", "503"}


@pytest.fixture(scope="module")
def described() -> Mapping[str, Any]:
    return current()


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def test_the_file_in_the_repository_is_current(described: dict[str, Any]) -> None:
    """When it is not: raise API_VERSION, then python -m tests.api_file"""
    assert PUBLISHED.read_text(encoding="utf-8") == as_text(described)
    assert published()["info"]["version"] == API_VERSION


def test_a_changed_api_wants_another_version(described: dict[str, Any]) -> None:
    assert signed(published()) == published(), "the file was edited by hand; python -m tests.api_file makes it"
    changed = copy.deepcopy(described)
    del changed["paths"]["/api/v1/keys"]
    assert wants_new_version(described, signed(changed))
    changed["info"]["version"] = "2.0.0"
    assert not wants_new_version(described, signed(changed))
    assert not wants_new_version(described, described)


def test_every_operation_says_how_it_refuses_and_who_may_call_it(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        assert operation["responses"].keys() >= REFUSALS, name
        assert set(operation["responses"]["422"]["content"]) == {"application/problem+json"}, name
        assert operation["x-role"] in ("public", "observer", "analyst", "operator", "admin"), name
        assert (operation.get("security") == []) == (operation["x-role"] == "public"), name
        assert operation["summary"] or operation["description"], name


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert named == set(schemas), "schemas that nobody names, or names without a schema"
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_every_number_and_text_from_outside_is_bounded(described: dict[str, Any]) -> None:
    """An unbounded ``limit`` can take all memory; a text without a bound at least ends with the address or the body."""
    unbounded = [
        f"{name}: {parameter['name']}"
        for name, operation in operations(described)
        for parameter in operation.get("parameters", [])
        for schema in _choices(parameter["schema"])
        if not _is_bounded(schema)
    ]
    assert unbounded == []


def _choices(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for each in schema.get("anyOf", [schema]):
        if each.get("type") != "null":
            yield each


def _is_bounded(schema: Mapping[str, Any]) -> bool:
    if "enum" in schema or "$ref" in schema or schema.get("type") == "boolean":
        return True
    if schema["type"] == "array":
        return "maxItems" in schema
    if schema["type"] in ("integer", "number"):
        return bool(schema.keys() & {"maximum", "exclusiveMaximum"}) and bool(schema.keys() & {"minimum", "exclusiveMinimum"})
    return "maxLength" in schema or bool(re.search(r"\{\d+(,\d+)?\}\$$", schema.get("pattern", "")))


def test_the_server_hands_out_the_same_description(api: Api, described: dict[str, Any]) -> None:
    assert signed(api.client().get("/api/v1/openapi.json").json()) == described

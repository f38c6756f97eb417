"""The JSON Schema of campaign files."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from orchestrator.campaign_file import bundled_names, bundled_text
from orchestrator.campaign_file.reading import parse
from orchestrator.cli.app import app
from orchestrator.schema import campaign_schema, installed

PUBLISHED = Path(__file__).parents[2] / "docs" / "reference" / "campaign.schema.json"
MINIMAL: dict[str, Any] = {
    "name": "film",
    "instrument": {"type": "dataset", "data": "crossed-barrel"},
    "reward": {"signal": "toughness"},
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = campaign_schema(installed("nightshift"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_published_schema_is_current():
    """When it is not: nightshift schema > docs/reference/campaign.schema.json"""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == campaign_schema(installed("nightshift"))


def test_the_command_prints_the_schema_with_what_is_installed_here():
    assert json.loads(CliRunner().invoke(app, ["schema"]).stdout) == campaign_schema(installed())


@pytest.mark.parametrize("name", bundled_names())
def test_bundled_campaigns_fit(validator: Draft202012Validator, name: str):
    assert [error.message for error in validator.iter_errors(parse(bundled_text(name), name).data)] == []


@pytest.mark.parametrize(
    "more",
    [
        {"agent": "random", "fallback": {"type": "sobol", "timeout": "5 min"}},
        {"approval": "always", "budget": {"until": "07:30", "wall_time": "8 h"}},
        {"approval": {"first": 3, "timeout": 60, "on_timeout": "fallback"}},
        {
            "space": {
                "x": {"limits": [0, 1]},
                "n": {"type": "integer", "limits": [1, 5]},
                "f": {"values": ["Al", "Cu"]},
                "d": {"values": [1, 2]},
            }
        },
        {"candidates": {"csv": "designs.csv"}},
        {"candidates": [{"x": 1, "filter": "Al"}]},
        {"constraints": [{"weights": {"x": 1, "y": 1}, "upper": 1}]},
        {"guardians": ["limits", {"type": "step-size", "largest": {"x": 0.1}}]},
    ],
)
def test_short_and_long_forms_fit(validator: Draft202012Validator, more: dict[str, Any]):
    assert [error.message for error in validator.iter_errors({**MINIMAL, **more})] == []


@pytest.mark.parametrize(
    "more",
    [
        {"bugdet": {"trials": 3}},
        {"budget": {"trials": 0}},
        {"agent": "rnadom"},
        {"agent": {"type": "random", "n_inital": 3}},
        {"instrument": {"type": "dataset"}},
        {"rewards": [{"signal": "toughness"}]},
        {"candidates": {"sha256": "0" * 64, "n": 3}},
        {"space": {"x": {"limits": [0, 1, 2]}}},
        {"approval": "sometimes"},
        {"on_finish": "home"},
    ],
)
def test_what_a_run_would_refuse_an_editor_underlines(validator: Draft202012Validator, more: dict[str, Any]):
    assert not validator.is_valid({**MINIMAL, **more})

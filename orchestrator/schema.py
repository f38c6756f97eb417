"""The JSON Schema of a campaign file as people write it, so that editors complete and check it."""

from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator import plugins
from orchestrator.domain.base import Value
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.spec import AgentPlugin, CampaignSpec, Plugin, RewardPlugin

Schema = dict[str, Any]
Installed = Mapping[plugins.Kind, Mapping[str, type[Value]]]
"""Settings classes by kind and name."""

_OWN_KEYS: Mapping[plugins.Kind, type[Plugin]] = {"agent": AgentPlugin, "reward": RewardPlugin, "instrument": Plugin, "guardian": Plugin}
"""What a campaign may say of any plug-in of a kind, beside the plug-in's own settings."""
_TITLE = "Nightshift campaign"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def installed(distribution: str | None = None) -> Installed:
    """Return the settings of every plug-in a campaign can name here, or of one distribution's only."""
    return {
        kind: {
            found.name: found.load().Settings for found in plugins.found(kind) if distribution is None or found.distribution == distribution
        }
        for kind in _OWN_KEYS
    }


def campaign_schema(known: Installed) -> Schema:
    """Return the schema: the spec's own, with short forms, one ``reward`` or several, and each plug-in's settings."""
    schema = CampaignSpec.model_json_schema()
    definitions: Schema = schema.pop("$defs")
    references: dict[plugins.Kind, Schema] = {kind: _define(kind, known[kind], definitions) for kind in _OWN_KEYS}
    properties = {**schema["properties"], **_sample_properties(definitions), **_plugin_properties(references)}
    definitions["Stage"]["properties"] |= {
        name: _without_default(each) for name, each in _plugin_properties(references).items() if name != "instrument"
    }
    definitions["Stage"]["properties"]["candidates"] = {"anyOf": [_POINTS, {"$ref": "#/$defs/CandidatesFile"}]}
    definitions["Stage"]["properties"]["approval"] = {"anyOf": [{"enum": ["auto", "always"]}, {"$ref": "#/$defs/Approval"}]}
    properties["candidates"] = {"anyOf": [_POINTS, {"$ref": "#/$defs/CandidatesFile"}], "title": "Candidates"}
    routine = {"$ref": "#/$defs/Routine"}
    properties["every"] = {"anyOf": [routine, {"type": "array", "items": routine}], "default": [], "title": "Every"}
    properties["approval"] = {"anyOf": [{"enum": ["auto", "always"]}, {"$ref": "#/$defs/Approval"}], "default": "auto"}
    definitions["Approval"]["properties"]["first"]["description"] = "How many suggestions wait for a person; implies mode: first."
    return {
        "$schema": _DIALECT,
        **schema,
        "title": _TITLE,
        "properties": properties,
        "required": ["name", "instrument"],
        "allOf": [_ONE_REWARD, {"anyOf": [{"required": [name]} for name in ("reward", "rewards", "stages")]}],
        "dependentRequired": {"samples": ["stages"], "stages": ["samples"], "order": ["stages"]},
        "$defs": _used({"properties": properties}, definitions),
    }


_ONE_REWARD: Schema = {"not": {"required": ["reward", "rewards"]}}
_POINTS: Schema = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "object", "additionalProperties": {"type": ["number", "string"]}},
}


_SAMPLES_TABLE: Schema = {
    "type": "object",
    "description": "A CSV whose header names id, position, and what else is known; the path is relative to the campaign file.",
    "properties": {"csv": {"type": "string"}},
    "required": ["csv"],
    "additionalProperties": False,
}


def _sample_properties(definitions: Schema) -> Schema:
    """Return what only campaigns over samples say; adds the words it is made of to the definitions."""
    schema = SamplesSpec.model_json_schema()
    definitions |= {name: each for name, each in schema["$defs"].items() if name not in definitions}
    stage = definitions["Stage"]
    stage["allOf"] = [_ONE_REWARD]
    origin = stage["properties"]["origin"]
    stage["properties"]["origin"] = {**origin, "type": ["object", "string"]}
    requires = stage["properties"]["requires"]
    stage["properties"]["requires"] = {**requires, "anyOf": [*requires["anyOf"], {"type": "string"}]}
    sample = definitions["Sample"]["properties"]
    sample["id"] = {**sample["id"], "type": ["string", "integer"]}
    found = {name: schema["properties"][name] for name in ("samples", "stages", "order")}
    listed = {key: found["samples"].pop(key) for key in ("type", "items", "minItems")}
    return {**found, "samples": {**found["samples"], "anyOf": [listed, _SAMPLES_TABLE]}}


def _without_default(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "default"}


def _plugin_properties(references: Mapping[plugins.Kind, Schema]) -> Schema:
    return {
        "instrument": references["instrument"],
        "agent": {**references["agent"], "default": "bayesian"},
        "fallback": {**references["agent"], "default": "sobol"},
        "reward": references["reward"],
        "rewards": {"type": "array", "minItems": 1, "items": references["reward"]},
        "guardians": {"type": "array", "items": references["guardian"], "default": []},
    }


def _define(kind: plugins.Kind, known: Mapping[str, type[Value]], definitions: Schema) -> Schema:
    """Add a kind's plug-ins to the definitions; return a reference to any one of them."""
    choices = [_define_plugin(kind, name, settings, definitions) for name, settings in known.items()]
    by_name = [] if kind == "reward" else [{"enum": list(known)}]
    definitions[kind] = {"anyOf": [*by_name, *choices]}
    return {"$ref": f"#/$defs/{kind}"}


def _define_plugin(kind: plugins.Kind, name: str, settings: type[Value], definitions: Schema) -> Schema:
    key = f"{kind}.{name}"
    schema = settings.model_json_schema(ref_template=f"#/$defs/{key}.{{model}}")
    definitions |= {f"{key}.{model}": inner for model, inner in schema.pop("$defs", {}).items()}
    own = _OWN_KEYS[kind].model_json_schema()["properties"]
    is_default = own["type"].get("default") == name
    schema["properties"] = {**own, "type": {"const": name}, **schema.get("properties", {})}
    schema["required"] = [*([] if is_default else ["type"]), *schema.get("required", [])]
    definitions[key] = {**schema, "title": f"{kind} {name}", "additionalProperties": False}
    return {"$ref": f"#/$defs/{key}"}


def _used(schema: Schema, definitions: Schema) -> Schema:
    """Return the definitions that are reachable, by name: what people cannot write is left out."""
    used: set[str] = set()
    waiting = list(_references(schema))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting.extend(_references(definitions[name]))
    return {name: definitions[name] for name in sorted(used)}


def _references(schema: Any) -> Iterable[str]:
    if isinstance(schema, Mapping):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.removeprefix("#/$defs/")
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)

"""The JSON Schema of the site file as staff write it, so that editors complete and check it."""

from typing import Any

from instruments.beamline.model import SiteFile

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MAY_BE_COMMENTS = ("axes", "detectors", "plans", "interlocks", "safe_state_when", "metadata", "files", "derive")
"""Keys under which every line may still be a comment: YAML reads them as null."""
_ENTRIES_MAY_BE_BARE = ("axes", "detectors", "plans")
"""Keys whose entries may be a name and a colon: ``diode:``."""
_NULL: Schema = {"type": "null"}


def site_schema() -> Schema:
    """Return the schema: the model's own, with what staff may leave out or write shorter."""
    schema = SiteFile.model_json_schema()
    properties, definitions = schema["properties"], schema["$defs"]
    for name in _ENTRIES_MAY_BE_BARE:
        properties[name] = _with_bare_entries(_with_known_names(properties[name]))
    for name in ("interlocks", "safe_state_when", "derive"):
        properties[name] = _with_known_names(properties[name])
    properties["plans"] = {"anyOf": [properties["plans"], {"type": "array", "items": {"type": "string"}}], "title": "Plans", "default": {}}
    for name in _MAY_BE_COMMENTS:
        properties[name] = _or_null(properties[name])
    signals = definitions["Detector"]["properties"]["signals"]
    definitions["Detector"]["properties"]["signals"] = {**signals, "additionalProperties": _or_null(signals["additionalProperties"])}
    servers = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    definitions["KafkaPlace"]["properties"]["servers"] = {"anyOf": [servers, {"type": "string"}], "title": "Servers"}
    room = definitions["Files"]["properties"]["least_free"]
    definitions["Files"]["properties"]["least_free"] = {**room, "type": ["number", "string"]}
    return {"$schema": _DIALECT, **schema, "title": "Nightshift site file"}


def _with_known_names(schema: Schema) -> Schema:
    """Refuse names that are none."""
    return {**schema, "additionalProperties": False}


def _with_bare_entries(schema: Schema) -> Schema:
    return {**schema, "patternProperties": {pattern: _or_null(entry) for pattern, entry in schema["patternProperties"].items()}}


def _or_null(schema: Schema) -> Schema:
    kept = {key: schema[key] for key in ("title", "default") if key in schema}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], _NULL]}
    return {"anyOf": [{key: value for key, value in schema.items() if key not in kept}, _NULL], **kept}

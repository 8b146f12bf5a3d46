"""Words that the protocol is written in: they make JSON schemas."""

from __future__ import annotations

from collections.abc import Collection

Schema = dict[str, object]

ANYTHING: Schema = {}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
INTEGER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
NOTHING: Schema = {"type": "null"}


def said(schema: Schema, description: str) -> Schema:
    """The same with words for people."""
    return {**schema, "description": description}


def words(*choices: str) -> Schema:
    """One of some texts."""
    return {"enum": list(choices)}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, NOTHING]}


def either(*schemas: Schema) -> Schema:
    """One of several."""
    return {"anyOf": list(schemas)}


def array(of: Schema) -> Schema:
    """Any number of one thing."""
    return {"type": "array", "items": of}


def row(*parts: Schema) -> Schema:
    """An array with a fixed number of different things."""
    return {
        "type": "array",
        "prefixItems": list(parts),
        "minItems": len(parts),
        "maxItems": len(parts),
    }


def table(of: Schema) -> Schema:
    """An object with any keys."""
    return {"type": "object", "additionalProperties": of}


def record(optional: Collection[str] = (), /, **fields: Schema) -> Schema:
    """An object; of its fields only those named `optional` may be missing."""
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": fields, "required": required}


def taking(needed: Collection[str] = (), /, **fields: Schema) -> Schema:
    """A call's parameters; only those `needed` must be given, and there are no others."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(needed),
        "additionalProperties": False,
    }


def ref(name: str) -> Schema:
    """A document that has a name."""
    return {"$ref": f"#/$defs/{name}"}

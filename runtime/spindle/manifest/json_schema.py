"""A schema as JSON schema, for TOML servers that know nothing of Spin.

It is of draft 7, the newest that those servers share. It accepts whatever the reader accepts; what
it can't say (which of several kinds of table is meant) it is lax about.
"""

from __future__ import annotations

from spindle.manifest.ids import Grammar
from spindle.manifest.schema import (
    AnyTable,
    Anything,
    Array,
    Boolean,
    Choice,
    Integer,
    Key,
    Map,
    Record,
    Tagged,
    Text,
    Type,
)

Json = dict[str, object]

DRAFT = "http://json-schema.org/draft-07/schema#"


def to_json_schema(root: Record, title: str) -> Json:
    """The schema of a whole file; records are defined once, by name."""
    definitions = _Definitions()
    whole = definitions.table(root)
    return {"$schema": DRAFT, "title": title, **whole, "definitions": definitions.by_name}


class _Definitions:
    def __init__(self) -> None:
        self.by_name: dict[str, Json] = {}
        self._names: dict[int, str] = {}

    def schema(self, type_: Type) -> Json:
        """What values of a type are like."""
        match type_:
            case Text(grammar):
                return {"type": "string", **_pattern(grammar)}
            case Integer(minimum, maximum):
                limits = {"minimum": minimum, "maximum": maximum}
                return {"type": "integer", **{k: v for k, v in limits.items() if v is not None}}
            case Boolean():
                return {"type": "boolean"}
            case Anything():
                return {}
            case AnyTable():
                return {"type": "object"}
            case Array(of):
                return {"type": "array", "items": self.schema(of)}
            case Map(of, keys):
                names = {"propertyNames": _pattern(keys)} if keys else {}
                return {"type": "object", **names, "additionalProperties": self.schema(of)}
            case Record():
                return self._reference(type_)
            case Choice(alternatives):
                return {"anyOf": [self.schema(alternative) for alternative in alternatives]}
            case Tagged(variants):
                return {"anyOf": [self._variant(tag, record) for tag, record in variants.items()]}

    def table(self, record: Record) -> Json:
        """A record where it stands."""
        shown: Json = {"description": record.doc} if record.doc else {}
        shown["type"] = "object"
        shown["properties"] = {key.name: self._property(record, key) for key in record.keys}
        if required := [key.name for key in record.keys if key.required]:
            shown["required"] = required
        if record.rest is not None:
            shown["additionalProperties"] = self.schema(record.rest)
        elif not record.lenient:
            shown["additionalProperties"] = False
        return shown

    def _property(self, record: Record, key: Key) -> Json:
        schema = self.schema(key.type)
        if "$ref" in schema:
            schema = {"allOf": [schema]}  # beside `$ref` nothing counts
        schema["description"] = key.doc
        if key.deprecated is not None:
            schema["description"] = f"{key.doc} Deprecated: use {key.deprecated} instead."
            schema["deprecated"] = True
        default = record.default(key)
        if isinstance(default, str | bool | int) and default != "" and not key.required:
            schema["default"] = default
        return schema

    def _reference(self, record: Record) -> Json:
        name = self._names.get(id(record))
        if name is None:
            name = self._free_name(record.name)
            self._names[id(record)] = name
            self.by_name[name] = {}  # its place, before those it refers to
            self.by_name[name].update(self.table(record))
        return {"$ref": f"#/definitions/{name}"}

    def _free_name(self, wanted: str) -> str:
        number, name = 1, wanted
        while name in self.by_name:
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _variant(self, tag: str, record: Record) -> Json:
        """A kind of table, which its `type` tells."""
        shown = self.table(record)
        properties = shown["properties"]
        assert isinstance(properties, dict)
        shown["properties"] = {**properties, "type": {**properties["type"], "const": tag}}
        return shown


def _pattern(grammar: Grammar | None) -> Json:
    return {"pattern": f"^(?:{grammar.pattern})$"} if grammar and grammar.pattern else {}

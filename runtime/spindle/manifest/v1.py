"""The schema of `spin.toml`, version 1, as far as it differs from version 2.

It is only checked by: what it describes is converted to version 2 before a model is built, and the
grammars of names are checked then.
"""

from __future__ import annotations

from spindle.manifest import ids, v2
from spindle.manifest.schema import AnyTable, Anything, Array, Key, Map, Record, Text, Type
from spindle.manifest.v2 import BUILD, FILES, SOURCE, TEXT, TEXTS, VARIABLE

VERSION_KEYS = ("spin_manifest_version", "spin_version")
"""The key of the version, and what it was called at first."""


def _shared(name: str, type_: Type, record: Record = v2.COMPONENT) -> Key:
    """A key that is in version 2 too, with the type it has here."""
    key = record.key(name)
    assert key is not None
    return Key(name, type_, key.doc)


COMPONENT = Record(
    "component",
    (
        Key("id", TEXT, "The component's ID.", required=True),
        Key("source", SOURCE, "The component's wasm.", required=True),
        Key("trigger", AnyTable(), "What makes the component run.", required=True),
        _shared("description", TEXT),
        Key("config", Map(TEXT), "The component's own variables, as templates."),
        _shared("environment", Map(TEXT)),
        _shared("files", Array(FILES)),
        _shared("exclude_files", TEXTS),
        Key("allowed_http_hosts", TEXTS, "Hosts the component may send HTTP requests to."),
        _shared("allowed_outbound_hosts", TEXTS),
        _shared("key_value_stores", Array(Text(ids.STORE_LABEL))),
        _shared("sqlite_databases", Array(Text(ids.DATABASE_LABEL))),
        _shared("ai_models", TEXTS),
        _shared("build", BUILD),
    ),
    dict,
    mistaken={"variables": "config"},
)

TRIGGER = Record(
    "trigger",
    (Key("type", TEXT, "The type of all triggers: `http` or `redis`.", required=True),),
    dict,
    rest=Anything(),
)

MANIFEST = Record(
    "manifest",
    (
        *(Key(name, TEXT, "The version of the manifest format.") for name in VERSION_KEYS),
        Key("name", TEXT, "The application's name.", required=True),
        *(_shared(name, TEXT, v2.APPLICATION) for name in ("version", "description")),
        _shared("authors", TEXTS, v2.APPLICATION),
        Key("trigger", TRIGGER, "The type of all triggers, and their settings.", required=True),
        Key("variables", Map(VARIABLE), "Values given at start, by name."),
        Key("component", Array(COMPONENT), "The components."),
    ),
    dict,
    mistaken={"components": "component", "variable": "variables"},
)

"""`spin.toml`: read into a typed model with places, whatever is wrong with it.

    manifest, diagnostics = read_manifest(path, text)

never fails. A manifest so broken that nothing can be said about it is None.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from spindle.manifest.element import Element
from spindle.manifest.model import (
    Component,
    CronTrigger,
    Dependency,
    HttpTrigger,
    Manifest,
    MqttTrigger,
    RedisTrigger,
    Trigger,
    Variable,
)
from spindle.manifest.normalizer import normalized
from spindle.manifest.reading import read_manifest, read_manifest_document
from spindle.manifest.tree import Document, Node, read_document

if TYPE_CHECKING:
    from spindle.manifest.formatting import formatted
    from spindle.manifest.ids import (
        COMPONENT_ID,
        DATABASE_LABEL,
        STORE_LABEL,
        VARIABLE_NAME,
        Grammar,
    )
    from spindle.manifest.lookup import alternatives, key_at, keys_of, schema_of, types_at
    from spindle.manifest.rereading import ManifestRereader, Rereader
    from spindle.manifest.schema import (
        AnyTable,
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

__all__ = [
    "COMPONENT_ID",
    "DATABASE_LABEL",
    "STORE_LABEL",
    "VARIABLE_NAME",
    "AnyTable",
    "Array",
    "Boolean",
    "Choice",
    "Component",
    "CronTrigger",
    "Dependency",
    "Document",
    "Element",
    "Grammar",
    "HttpTrigger",
    "Integer",
    "Key",
    "Manifest",
    "ManifestRereader",
    "Map",
    "MqttTrigger",
    "Node",
    "Record",
    "RedisTrigger",
    "Rereader",
    "Tagged",
    "Text",
    "Trigger",
    "Type",
    "Variable",
    "alternatives",
    "formatted",
    "key_at",
    "keys_of",
    "normalized",
    "read_document",
    "read_manifest",
    "read_manifest_document",
    "schema_of",
    "types_at",
]


_LAZY = {
    "formatting": ("formatted",),
    "rereading": ("ManifestRereader", "Rereader"),
    "ids": ("COMPONENT_ID", "DATABASE_LABEL", "Grammar", "STORE_LABEL", "VARIABLE_NAME"),
    "lookup": ("alternatives", "key_at", "keys_of", "schema_of", "types_at"),
    "schema": (
        "AnyTable",
        "Array",
        "Boolean",
        "Choice",
        "Integer",
        "Key",
        "Map",
        "Record",
        "Tagged",
        "Text",
        "Type",
    ),
}
"""What only editors need, by module."""


def __getattr__(name: str) -> object:
    """Nobody else loads what editors need."""
    for module, names in _LAZY.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

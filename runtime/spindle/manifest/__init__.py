"""`spin.toml`: read into a typed model with places, whatever is wrong with it.

    manifest, diagnostics = read_manifest(path, text)

never fails. A manifest so broken that nothing can be said about it is None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.manifest.element import Element
from spindle.manifest.model import (
    Component,
    Dependency,
    HttpTrigger,
    Manifest,
    RedisTrigger,
    Trigger,
    Variable,
)
from spindle.manifest.normalizer import normalized
from spindle.manifest.reading import read_manifest, read_manifest_document
from spindle.manifest.tree import Document, Node, read_document

if TYPE_CHECKING:
    from spindle.manifest.rereading import ManifestRereader, Rereader

__all__ = [
    "Component",
    "Dependency",
    "Document",
    "Element",
    "HttpTrigger",
    "Manifest",
    "ManifestRereader",
    "Node",
    "RedisTrigger",
    "Rereader",
    "Trigger",
    "Variable",
    "normalized",
    "read_document",
    "read_manifest",
    "read_manifest_document",
]


def __getattr__(name: str) -> object:
    """Only editors read again; nobody else loads what they need."""
    if name in ("ManifestRereader", "Rereader"):
        from spindle.manifest import rereading

        return getattr(rereading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

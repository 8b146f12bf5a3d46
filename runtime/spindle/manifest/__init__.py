"""`spin.toml`: read into a typed model with places, whatever is wrong with it.

    manifest, diagnostics = read_manifest(path, text)

never fails. A manifest so broken that nothing can be said about it is None.
"""

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

__all__ = [
    "Component",
    "Dependency",
    "Document",
    "Element",
    "HttpTrigger",
    "Manifest",
    "Node",
    "RedisTrigger",
    "Trigger",
    "Variable",
    "normalized",
    "read_document",
    "read_manifest",
    "read_manifest_document",
]

"""From text to manifest: which version it is, then its schema."""

from __future__ import annotations

from pathlib import Path

from spindle.diagnostics import Diagnostic, Edit, Fix, Severity, has_errors, in_order
from spindle.manifest.model import Manifest
from spindle.manifest.reader import Reader
from spindle.manifest.tree import Document, Node, read_document
from spindle.text import START


def read_manifest(path: Path, text: str) -> tuple[Manifest | None, tuple[Diagnostic, ...]]:
    """Read a manifest's text; `path` only names it."""
    return read_manifest_document(read_document(path, text))


def read_manifest_document(
    document: Document, reader: Reader | None = None
) -> tuple[Manifest | None, tuple[Diagnostic, ...]]:
    """Read a text that is already a tree; one of version 1 is converted.

    A reader may remember what it read before.

    The manifest is None when the text is of no known version. While the text is broken as TOML,
    fields that seem to be missing are not reported: they may be in what couldn't be read.
    """
    version = document.root.get("spin_manifest_version") or document.root.get("spin_version")
    if version is not None and version.value == "1":
        from spindle.manifest.version_1 import read_version_1

        manifest, found = read_version_1(document, version)
    elif (wrong_version := _version_problem(document, version)) is not None:
        return None, in_order((*document.diagnostics, wrong_version))
    else:
        manifest, found = read_version_2(document.path, document.root, reader)
    if has_errors(document.diagnostics):
        found = [diagnostic for diagnostic in found if diagnostic.code != "missing-field"]
    return manifest, in_order((*document.diagnostics, *found))


def read_version_2(
    path: Path, root: Node, reader: Reader | None = None
) -> tuple[Manifest, list[Diagnostic]]:
    """Read a tree by the schema of version 2."""
    from spindle.manifest.v2 import MANIFEST

    reader = reader or Reader(path)
    manifest = reader.read(MANIFEST, root)
    assert isinstance(manifest, Manifest)
    return manifest.replaced(path=path), reader.diagnostics


def _version_problem(document: Document, version: Node | None) -> Diagnostic | None:
    if version is None:
        return None if document.diagnostics else _missing_version(document)
    if version.value == 2 and not isinstance(version.value, bool):
        return None
    as_integer = version.value == "2"
    fix = Fix("Write it as an integer", (Edit(document.path, version.span, "2"),))
    return Diagnostic(
        "manifest-version",
        Severity.ERROR,
        f"invalid manifest version: {_as_toml(version)}",
        document.path,
        version.span,
        help="write `spin_manifest_version = 2`",
        fix=fix if as_integer else None,
    )


def _as_toml(version: Node) -> str:
    match version.value:
        case str(text):
            return f'"{text}"'
        case bool(flag):
            return str(flag).lower()
        case int() | float():
            return str(version.value)
        case _:
            return "a value of another type"


def _missing_version(document: Document) -> Diagnostic:
    return Diagnostic(
        "manifest-version",
        Severity.ERROR,
        "missing field `spin_manifest_version`",
        document.path,
        START,
        help="write `spin_manifest_version = 2` as the first line",
        fix=Fix(
            "Add it",
            (Edit(document.path, START, "spin_manifest_version = 2\n\n"),),
            # Version 1 has no such table.
            safe=document.root.get("application") is not None,
        ),
    )

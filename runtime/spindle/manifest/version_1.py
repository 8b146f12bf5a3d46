"""Reading a manifest of version 1: checked by its own schema, then converted to version 2."""

from __future__ import annotations

from spindle.diagnostics import Diagnostic, Edit, Fix, Severity, has_errors
from spindle.manifest.conversion import Converter
from spindle.manifest.model import Manifest
from spindle.manifest.reader import LEFT_OUT, Reader
from spindle.manifest.reading import read_manifest_document, read_version_2
from spindle.manifest.tree import Document, Node, read_document
from spindle.manifest.usual_triggers import with_usual_triggers
from spindle.manifest.v1 import MANIFEST
from spindle.manifest.v2 import TRIGGERS
from spindle.text import START, LineIndex


def read_version_1(document: Document, version: Node) -> tuple[Manifest, list[Diagnostic]]:
    """The manifest as version 2 would spell it, and what there is to say."""
    reader = Reader(document.path)
    if reader.read(MANIFEST, document.root) is LEFT_OUT:
        return Manifest(path=document.path), reader.diagnostics
    converter = Converter(document.path)
    root = converter.convert(document.root)
    manifest, found = read_version_2(document.path, root)
    # Version 1's schema says what is missing or of a wrong type, in words that fit.
    names = [diagnostic for diagnostic in found if diagnostic.code.startswith("invalid-")]
    _read_triggers(reader, root)
    all_ = [*reader.diagnostics, *converter.diagnostics, *names]
    all_ = with_usual_triggers(document, version, all_)
    whole = not has_errors((*document.diagnostics, *all_))
    return manifest, [*all_, _outdated(document, version, manifest if whole else None)]


def _read_triggers(reader: Reader, root: Node) -> None:
    """Check what version 1 leaves to the type of trigger."""
    by_type = root.get("trigger")
    for kind, triggers in ((by_type and by_type.table) or {}).items():
        key = TRIGGERS.key(kind)
        type_ = TRIGGERS.rest if key is None else key.type
        assert type_ is not None
        reader.read(type_, triggers, ("component", "trigger"))


def _outdated(document: Document, version: Node, manifest: Manifest | None) -> Diagnostic:
    """That the format is old, and the text in the new one if the manifest has no errors."""
    return Diagnostic(
        "manifest-version-1",
        Severity.INFO,
        "the manifest is of version 1, the format of Spin 1, which lacks what came later",
        document.path,
        version.span,
        help="rewrite it as version 2",
        fix=None if manifest is None else _fix(document, manifest),
    )


def _fix(document: Document, manifest: Manifest) -> Fix | None:
    """The whole text rewritten, if that means the same."""
    from spindle.manifest.rewriting import rewritten
    from spindle.manifest.statements import comments_in

    text = rewritten(document.text, manifest)
    if text is None:
        return None
    new = read_document(document.path, text)
    again, found = read_manifest_document(new)
    if again is None or has_errors(found) or _meaning(again) != _meaning(manifest):
        return None
    data = document.text.encode("utf-8", "replace")
    whole = START._replace(end=LineIndex(data).position(len(data)))
    safe = comments_in(text) >= comments_in(document.text)
    return Fix("Rewrite it as version 2", (Edit(document.path, whole, text),), safe)


def _meaning(manifest: Manifest) -> Manifest:
    """The manifest without the names of triggers, which nothing refers to, and a `base` of `/`."""
    settings = {
        kind: {key: value for key, value in table.items() if (key, value) != ("base", "/")}
        for kind, table in manifest.application.trigger.items()
    }
    return manifest.replaced(
        application=manifest.application.replaced(
            trigger={kind: table for kind, table in settings.items() if table}
        ),
        triggers={
            kind: tuple(trigger.replaced(id="") for trigger in many)
            for kind, many in manifest.triggers.items()
        },
    )

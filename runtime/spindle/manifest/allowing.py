"""One more allowed host in a manifest's text, which otherwise stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from spindle.fixes import apply_edits
from spindle.manifest.conversion import DATABASES, new_id
from spindle.manifest.edits import Editor, quoted
from spindle.manifest.normalizer import normalized
from spindle.manifest.reading import read_manifest
from spindle.manifest.tree import Node, read_document

KEY = "allowed_outbound_hosts"


def with_outbound_host(path: Path, text: str, component: str, host: str) -> str | None:
    """A valid manifest's text in which a component may connect to one more host.

    None where that can't be written without changing more.
    """
    before = _hosts(path, text, component)
    root = read_document(path, text).root
    table = _table_of_version_1(root, component)
    usual: Iterable[str] = DATABASES
    if table is None:
        manifest, _ = read_manifest(path, text)
        assert manifest is not None, "the manifest is valid"
        table, usual = normalized(manifest)[0].components[component].node, ()
    new = _added(Editor(path, text), text, table, host, usual)
    return new if new is not None and _hosts(path, new, component) == {*before, host} else None


def _added(editor: Editor, text: str, table: Node, host: str, usual: Iterable[str]) -> str | None:
    """`usual` is what a component without the key is allowed, which it is to keep."""
    present = table.get(KEY)
    if present is not None:
        edit = editor.add_item(present, quoted(host))
    else:
        edit = editor.add_key(table, KEY, f"[{', '.join(map(quoted, (*usual, host)))}]")
    return None if edit is None else apply_edits(text, (edit,))


def _table_of_version_1(root: Node, component: str) -> Node | None:
    """A component's table in a manifest of version 1, where they are elements of an array."""
    several = root.get("component")
    for node in (several.array if several is not None else None) or ():
        id_ = node.get("id")
        if id_ is not None and isinstance(id_.value, str) and new_id(id_.value) == component:
            return node
    return None


def _hosts(path: Path, text: str, component: str) -> set[str]:
    manifest, _ = read_manifest(path, text)
    if manifest is None:
        return set()
    found = normalized(manifest)[0].components.get(component)
    return set() if found is None else {*found.allowed_outbound_hosts}

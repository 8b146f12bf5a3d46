"""Links: what a manifest names that can be opened."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from spindle.manifest import Component, Dependency, Node
from spindle.text import Position, Span
from spindle_lsp.convert import range_of
from spindle_lsp.snapshot import Snapshot


def links_in(snapshot: Snapshot) -> list[types.DocumentLink]:
    """Files and addresses, by where they stand."""
    manifest = snapshot.manifest
    if manifest is None:
        return []
    found = [link for c in manifest.components.values() for link in _of_component(snapshot, c)]
    return sorted(found, key=lambda link: (link.range.start.line, link.range.start.character))


def _of_component(snapshot: Snapshot, component: Component) -> Iterator[types.DocumentLink]:
    yield from _path(snapshot, component.node.get("source"))
    yield from _address(component.node.get("source", "url"))
    yield from _directory(snapshot, component.node.get("build", "workdir"))
    files = component.node.get("files")
    for entry in (files.array if files is not None else None) or ():
        yield from _path(snapshot, entry.get("source") or entry)
    for name, dependency in component.dependencies.items():
        if isinstance(dependency, Dependency):
            yield from _path(snapshot, component.node.get("dependencies", name, "path"))
            yield from _address(component.node.get("dependencies", name, "url"))


def _path(snapshot: Snapshot, node: Node | None) -> Iterator[types.DocumentLink]:
    """A file that is there."""
    if node is None or not isinstance(node.value, str) or "\0" in node.value:
        return
    path = snapshot.root / node.value
    if path.is_file():
        yield types.DocumentLink(_inside(node), target=path.as_uri())


def _directory(snapshot: Snapshot, node: Node | None) -> Iterator[types.DocumentLink]:
    """The file by which a directory says how it is built."""
    if node is None or not isinstance(node.value, str) or "\0" in node.value:
        return
    for name in PROJECT_FILES:
        path = snapshot.root / node.value / name
        if path.is_file():
            yield types.DocumentLink(_inside(node), target=path.as_uri(), tooltip=name)
            return


PROJECT_FILES = ("Cargo.toml", "package.json", "pyproject.toml", "requirements.txt", "go.mod")


def _address(node: Node | None) -> Iterator[types.DocumentLink]:
    value = None if node is None else node.value
    if node is not None and isinstance(value, str) and value.startswith(("https://", "http://")):
        yield types.DocumentLink(_inside(node), target=value)


def _inside(node: Node) -> types.Range:
    """A string without its quotes, where it stands on one line."""
    (first, start), (last, end) = node.span
    if first != last or end - start < 2:
        return range_of(node.span)
    return range_of(Span(Position(first, start + 1), Position(last, end - 1)))

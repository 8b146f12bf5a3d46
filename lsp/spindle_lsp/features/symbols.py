"""Symbols: what a file defines, as a tree and by name."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from spindle.manifest import Element, HttpTrigger, Manifest, Node, Trigger
from spindle.text import Position, Span
from spindle_lsp.convert import range_of
from spindle_lsp.snapshot import Snapshot

Kind = types.SymbolKind


def outline_of(snapshot: Snapshot) -> list[types.DocumentSymbol]:
    """The file's tables, with triggers, components and variables by the names people know."""
    root = snapshot.document.root.table or {}
    found = [_symbol(snapshot, key, node) for key, node in root.items()]
    return sorted(found, key=lambda symbol: symbol.range.start.line)


def symbols_named(snapshot: Snapshot, query: str) -> Iterator[types.WorkspaceSymbol]:
    """The triggers, components and variables whose names have the query's letters, in order."""
    manifest = snapshot.manifest
    if manifest is None:
        return
    container = manifest.application.name or snapshot.root.name
    for name, kind, element in _defined(manifest):
        if _is_abbreviated(query.lower(), name.lower()):
            where = types.Location(snapshot.uri, range_of(element.node.place))
            yield types.WorkspaceSymbol(where, name, kind, container_name=container)


def _defined(manifest: Manifest) -> Iterator[tuple[str, types.SymbolKind, Element]]:
    for type_, trigger in manifest.all_triggers:
        yield _trigger_name(type_, trigger), Kind.Event, trigger
    for id_, component in manifest.components.items():
        yield id_, Kind.Module, component
    for name, variable in manifest.variables.items():
        yield name, Kind.Variable, variable


def _trigger_name(type_: str, trigger: Trigger) -> str:
    """What a person calls a trigger: by what it waits for, not by its id."""
    if isinstance(trigger, HttpTrigger):
        route = trigger.route if isinstance(trigger.route, str) else "private"
        return f"{type_} {route}"
    for key in ("channel", "topic", "cron_expression"):
        if waits_for := getattr(trigger, key, ""):
            return f"{type_} {waits_for}"
    return f"{type_} {trigger.id or trigger.component_id or ''}".strip()


def _is_abbreviated(query: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in query)


def _symbol(snapshot: Snapshot, name: str, node: Node, *above: str) -> types.DocumentSymbol:
    path = (*above, name)
    children = [_symbol(snapshot, key, child, *path) for key, child in _entries(node, path)]
    whole = _whole(node, children)
    chosen = node.key or node.span
    if not (whole.start <= chosen.start and chosen.end <= whole.end):
        chosen = Span(whole.start, whole.start)
    return types.DocumentSymbol(
        name=_shown(path, node) or "''",
        kind=_kind(path, node),
        range=range_of(whole),
        selection_range=range_of(chosen),
        detail=_detail(node),
        children=children or None,
    )


def _entries(node: Node, path: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    """Tables, arrays of tables, and the values of a table."""
    yield from (node.table or {}).items()
    for number, element in enumerate(node.array or ()):
        if element.table is not None and len(path) < DEEPEST:
            yield str(number), element


DEEPEST = 8


def _shown(path: tuple[str, ...], node: Node) -> str:
    match path:
        case ("trigger", type_, number) if number.isdigit() and node.table is not None:
            for key in ("route", "channel", "id", "component"):
                if (child := node.get(key)) is not None and isinstance(child.value, str):
                    return f"{type_} {child.value}"
            return type_
    return path[-1]


def _kind(path: tuple[str, ...], node: Node) -> types.SymbolKind:
    match path:
        case ("trigger", _, _):
            return Kind.Event
        case ("component", _):
            return Kind.Module
        case ("variables", _):
            return Kind.Variable
    if node.table is not None:
        return Kind.Object
    if node.array is not None:
        return Kind.Array
    if isinstance(node.value, bool):
        return Kind.Boolean
    return Kind.String if isinstance(node.value, str) else Kind.Number


def _detail(node: Node) -> str | None:
    """A scalar's value, or the component a trigger calls."""
    if node.table is not None:
        component = node.get("component")
        node = component if component is not None else node
    if not isinstance(node.value, str | int | float):
        return None
    text = str(node.value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


LONGEST = 60


def _whole(node: Node, children: list[types.DocumentSymbol]) -> Span:
    """From the key to the end of what belongs to it."""
    start = min(node.key.start, node.span.start) if node.key is not None else node.span.start
    end = node.span.end
    for child in children:
        start = min(start, Position(child.range.start.line, child.range.start.character))
        end = max(end, Position(child.range.end.line, child.range.end.character))
    return Span(start, end)

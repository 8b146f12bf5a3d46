"""What a manifest means, beside what it says: inlay hints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lsprotocol import types

from spindle.app import GRANTS
from spindle.manifest import Component, HttpTrigger, Trigger
from spindle.routes import RouteError, parse_route
from spindle.text import Position, Span
from spindle_lsp.convert import position_of
from spindle_lsp.features.route_card import effective
from spindle_lsp.meaning import Sort, sort_at
from spindle_lsp.scanner import Role, Token
from spindle_lsp.sheet import read_sheet
from spindle_lsp.snapshot import Snapshot
from spindle_lsp.values import filled, value_of

INHERIT = ("inherit_configuration", "dependencies_inherit_configuration")
LONGEST = 60
"""Characters of a value that are shown."""


class Shown(NamedTuple):
    """Which hints are wanted."""

    routes: bool = True
    """The route as it is understood, where that is not as it is written."""
    values: bool = True
    """What templates are with their variables' values, secrets redacted."""
    grants: bool = True
    """The grants a dependency gets."""
    ids: bool = True
    """The id of a trigger that has none."""


ALL = Shown()


def shown_by(wish: object) -> Shown:
    """Which hints a client wants: `true`, `false`, or `{name: bool}` by the fields' names."""
    if isinstance(wish, bool):
        return Shown(*[wish] * len(Shown._fields))
    if not isinstance(wish, dict):
        return ALL
    return ALL._replace(**{name: bool(wish[name]) for name in Shown._fields if name in wish})


def hints_in(snapshot: Snapshot, span: Span, shown: Shown = ALL) -> list[types.InlayHint]:
    """The hints in a stretch of a manifest."""
    if snapshot.kind != "manifest":
        return []
    found = [
        hint for token in _tokens(snapshot, span) for hint in _of_token(snapshot, token, shown)
    ]
    if shown.ids:
        found += _ids(snapshot, span)
    return sorted(found, key=lambda hint: (hint.position.line, hint.position.character))


def _tokens(snapshot: Snapshot, span: Span) -> Iterator[Token]:
    for section in read_sheet(snapshot.text).between(span.start.line, span.end.line):
        for token in section.tokens:
            if span.start.line <= token.span.start.line <= span.end.line:
                yield token


def _of_token(snapshot: Snapshot, token: Token, shown: Shown) -> Iterator[types.InlayHint]:
    if token.role is not Role.VALUE or not token.path:
        return
    sort = sort_at(snapshot.kind, token.path)
    if sort is Sort.ROUTE and shown.routes:
        yield from _route(token)
    elif sort in (Sort.HOST, Sort.TEMPLATE) and shown.values and "{{" in token.text:
        value = filled(snapshot, token.text)
        why = "A variable in it has no value here." if value is None else None
        yield _hint(token.span.end, f"= {'?' if value is None else value}", why)
    elif token.path[-1] in INHERIT and shown.grants:
        yield from _grants(snapshot, token)
    elif token.path[-1] == "required" and shown.values:
        yield from _required(snapshot, token)


def _route(token: Token) -> Iterator[types.InlayHint]:
    try:
        route = effective(parse_route(token.text))
    except RouteError:
        return
    if route != token.text:
        yield _hint(token.span.end, f"= {route}")


def _grants(snapshot: Snapshot, token: Token) -> Iterator[types.InlayHint]:
    """What a dependency gets that gets everything."""
    if token.text != "true" or token.path[0] != "component" or snapshot.manifest is None:
        return
    component = snapshot.manifest.components.get(str(token.path[1]))
    if component is not None:
        yield _hint(token.span.end, f"= {', '.join(_granted(component)) or 'nothing'}")


def _granted(component: Component) -> list[str]:
    return [name for name, _ in GRANTS if getattr(component, name)]


def _required(snapshot: Snapshot, token: Token) -> Iterator[types.InlayHint]:
    """The value of a variable that must be given."""
    match token.path:
        case ("variables", str() as name, "required") if token.text == "true":
            value = value_of(snapshot, name)
            if value is not None:
                yield _hint(token.span.end, f"= {value.text}", f"From {value.origin}.")


def _ids(snapshot: Snapshot, span: Span) -> Iterator[types.InlayHint]:
    """The ids made up for triggers that have none."""
    if snapshot.manifest is None or snapshot.canonical is None:
        return
    canonical = dict(snapshot.canonical.triggers)
    for kind, triggers in snapshot.manifest.triggers.items():
        for trigger, named in zip(triggers, canonical.get(kind, ()), strict=False):
            place = trigger.node.span.end
            if not trigger.id and span.start.line <= place.line <= span.end.line:
                yield _hint(place, f"id = {named.id}", _why(trigger))


def _why(trigger: Trigger) -> str:
    what = "endpoint" if isinstance(trigger, HttpTrigger) else "trigger"
    return f"The {what} has no `id`: this one is made up."


def _hint(place: Position, text: str, why: str | None = None) -> types.InlayHint:
    label = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    tooltip = None if why is None else types.MarkupContent(types.MarkupKind.Markdown, why)
    return types.InlayHint(position_of(place), label, tooltip=tooltip, padding_left=True)

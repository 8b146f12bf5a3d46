"""What can be written at a place, also where the text is broken, as it is while one types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lsprotocol import types

from spindle.text import Position, Span, utf16_length
from spindle_lsp.convert import range_of
from spindle_lsp.features.header_offers import offered_headers
from spindle_lsp.features.key_offers import offered_keys
from spindle_lsp.features.offers import Kind, Offer, Place, escaped, plain
from spindle_lsp.features.value_offers import is_text, offered_values, unquoted_offers
from spindle_lsp.meaning import Sort, sort_at
from spindle_lsp.scanner import Expects
from spindle_lsp.sheet import character_index, read_sheet
from spindle_lsp.snapshot import Snapshot

MOST = 1000
"""Items of an answer."""

_OPEN_REFERENCE = re.compile(r"\{\{([ \t]*)(\w*)$")


def completions_at(
    snapshot: Snapshot,
    position: Position,
    neighbours: Sequence[Snapshot] = (),
    *,
    snippets: bool = True,
) -> list[types.CompletionItem]:
    """What can be written at a place; `neighbours` are the application's other files."""
    sheet = read_sheet(snapshot.text)
    place = Place(snapshot, sheet, sheet.at(position), neighbours)
    found = list(_offers(place, position))[:MOST]
    return [_item(offer, span, snippets=snippets) for offer, span in found]


def _offers(place: Place, position: Position) -> Iterator[tuple[Offer, Span]]:
    cursor = place.cursor
    if cursor.expects is Expects.HEADER:
        span = _header_span(place, position)
        yield from ((offer, span) for offer in offered_headers(place))
    elif cursor.expects is Expects.KEY:
        yield from ((offer, cursor.span) for offer in offered_keys(place))
        if cursor.is_first and not cursor.rest.strip():
            yield from ((_later(offer), cursor.span) for offer in offered_headers(place))
    elif cursor.expects is Expects.VALUE:
        yield from _values(place, position)


def _values(place: Place, position: Position) -> Iterator[tuple[Offer, Span]]:
    cursor = place.cursor
    sort = sort_at(place.snapshot.kind, place.path)
    reference = _OPEN_REFERENCE.search(cursor.typed)
    if sort in (Sort.HOST, Sort.TEMPLATE) and reference is not None:
        yield from _references(place, position, reference)
    elif cursor.token is not None and cursor.token.quote:
        if "\n" not in cursor.token.text:
            yield from ((offer, cursor.span) for offer in offered_values(place))
    else:
        if is_text(place):
            yield from ((_quoted(offer), cursor.span) for offer in offered_values(place))
        yield from ((offer, cursor.span) for offer in unquoted_offers(place))


def _references(
    place: Place, position: Position, typed: re.Match[str]
) -> Iterator[tuple[Offer, Span]]:
    """Variables, within the braces of a template."""
    token = place.cursor.token
    after = "" if token is None else token.text[len(place.cursor.typed) :]
    word = re.match(r"\w*", after)
    assert word is not None
    before = " " if not typed[1] else ""
    end = "" if re.match(r"[ \t]*\}\}", after[word.end() :]) else " }}"
    span = Span(
        Position(position.line, position.character - utf16_length(typed[2])),
        Position(position.line, position.character + utf16_length(word[0])),
    )
    for name in place.names(Sort.VARIABLE):
        text = escaped(f"{before}{name}{end}")
        yield Offer(name, text, Kind.Variable, "variable", rank=1), span


def _header_span(place: Place, position: Position) -> Span:
    """The whole header at a place, from its first bracket to its last."""
    line = place.snapshot.lines[position.line].rstrip("\r")
    column = character_index(line, position.character)
    start = len(line) - len(line.lstrip())
    rest = re.match(r"[^#\s]*?\]{1,2}|[^#\s\]]*", line[column:])
    end = column + (rest.end() if rest is not None else 0)
    return Span(
        Position(position.line, utf16_length(line[:start])),
        Position(position.line, utf16_length(line[:end])),
    )


def _later(offer: Offer) -> Offer:
    """An offer that comes after all keys."""
    return offer._replace(rank=min(9, offer.rank + 5))


def _quoted(offer: Offer) -> Offer:
    return offer._replace(text=f'"{offer.text}"')


def _item(offer: Offer, span: Span, *, snippets: bool) -> types.CompletionItem:
    is_snippet = snippets and re.search(r"\$\{?\d", offer.text) is not None
    text = offer.text if is_snippet else plain(offer.text)
    markdown = types.MarkupKind.Markdown
    return types.CompletionItem(
        label=offer.label,
        kind=offer.kind,
        tags=[types.CompletionItemTag.Deprecated] if offer.deprecated else None,
        detail=offer.detail or None,
        documentation=types.MarkupContent(markdown, offer.doc) if offer.doc else None,
        sort_text=f"{offer.rank}{offer.label}",
        filter_text=offer.label,
        text_edit=types.TextEdit(range_of(span), text),
        insert_text_format=types.InsertTextFormat.Snippet
        if is_snippet
        else types.InsertTextFormat.PlainText,
    )

"""What there is to know about what the pointer is on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from lsprotocol import types

from spindle.diagnostics import page_of
from spindle.manifest import Key, Map, Record, key_at, types_at
from spindle.text import Position, Span
from spindle.wasm import look_at
from spindle_lsp.convert import range_of
from spindle_lsp.describing import key_card, type_name
from spindle_lsp.features.component_card import card_of_component, card_of_wasm
from spindle_lsp.features.host_card import card_of_host
from spindle_lsp.features.route_card import card_of_route
from spindle_lsp.meaning import Sort, schema_at, sort_at, tag_of
from spindle_lsp.mentions import Mention, mention_at, mentions_of
from spindle_lsp.scanner import Role, Token
from spindle_lsp.sheet import read_sheet
from spindle_lsp.snapshot import Snapshot
from spindle_lsp.values import REDACTED, filled, value_of


def hover_at(
    snapshot: Snapshot, position: Position, neighbours: Sequence[Snapshot] = ()
) -> types.Hover | None:
    """What to show at a place; `neighbours` are the application's other files."""
    card, span = _card(snapshot, position, neighbours)
    lines = [*([card] if card else []), *_codes(snapshot, position)]
    if not lines:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, "\n\n".join(lines))
    return types.Hover(content, range_of(span))


def _card(
    snapshot: Snapshot, position: Position, neighbours: Sequence[Snapshot]
) -> tuple[str | None, Span]:
    """What is known of what stands at a place, and how far that goes."""
    mention = mention_at(snapshot.kind, snapshot.text, position)
    if mention is not None and (card := _of_name(snapshot, mention, neighbours)) is not None:
        return card, mention.span
    token = read_sheet(snapshot.text).token_at(position)
    if token is None:
        return None, Span(position, position)
    card = None if token.role is not Role.VALUE else _of_value(snapshot, token)
    return card or _of_key(snapshot, token), token.span


def _codes(snapshot: Snapshot, position: Position) -> list[str]:
    """The pages about what is wrong at a place."""
    codes = [
        found.code
        for found in snapshot.diagnostics
        if found.path in (None, snapshot.path) and found.span is not None
        if found.span.start <= position < found.span.end
    ]
    return [text for code in dict.fromkeys(codes) if (text := _meaning(code))]


@cache
def _meaning(code: str) -> str | None:
    """What a page says of a code before its first section."""
    page = page_of(code)
    return None if page is None else page.read_text("utf-8").partition("\n## ")[0]


def _of_name(snapshot: Snapshot, mention: Mention, neighbours: Sequence[Snapshot]) -> str | None:
    manifests = [s for s in (snapshot, *neighbours) if s.kind == "manifest"]
    if not manifests:
        return None
    match mention.sort:
        case Sort.COMPONENT:
            return card_of_component(manifests[0], mention.name)
        case Sort.VARIABLE:
            return _of_variable(manifests[0], mention.name)
        case Sort.STORE | Sort.DATABASE:
            return _of_label(manifests[0], [snapshot, *neighbours], mention)
    return None


def _of_variable(snapshot: Snapshot, name: str) -> str | None:
    variable = None if snapshot.manifest is None else snapshot.manifest.variables.get(name)
    if variable is None:
        return None
    facts = ["variable", *(["secret"] if variable.secret else [])]
    facts += ["required"] if variable.required else []
    lines = [f"**`{name}`** · {' · '.join(facts)}"]
    if variable.description:
        lines.append(variable.description)
    if variable.default is not None:
        lines.append(f"Default: `{REDACTED if variable.secret else variable.default}`")
    value = value_of(snapshot, name)
    if value is None:
        lines.append(f"Nothing gives it a value here; set `SPIN_VARIABLE_{name.upper()}`.")
    elif value.origin != "the default":
        lines.append(f"Here it is `{value.text}`, from {value.origin}.")
    return "\n\n".join(lines)


_FIELDS = {
    Sort.STORE: ("key_value_stores", "key_value_store"),
    Sort.DATABASE: ("sqlite_databases", "sqlite_database"),
}


def _of_label(snapshot: Snapshot, files: Sequence[Snapshot], mention: Mention) -> str:
    field, table = _FIELDS[mention.sort]
    lines = [f"**`{mention.name}`** · {mention.sort.value}"]
    config = next((file.config for file in files if file.config is not None), None)
    entry = None if config is None else getattr(config, field).get(mention.name)
    if entry is not None:
        settings = (
            (name, getattr(entry, name)) for name in entry.names if name not in entry.hidden
        )
        shown = ", ".join(f"{name} = {value!r}" for name, value in settings if value is not None)
        lines.append(f"The runtime configuration has it: `{{ {shown} }}`")
    elif mention.name == "default":
        lines.append("It always exists: an SQLite file below `.spin/`.")
    else:
        lines.append(f"It needs `[{table}.{mention.name}]` in `runtime-config.toml`.")
    users = [m for m in mentions_of("manifest", snapshot.text, mention.named) if not m.defines]
    lines.append(f"Granted {len(users)} time{'s' if len(users) != 1 else ''} in the manifest.")
    return "\n\n".join(lines)


def _of_value(snapshot: Snapshot, token: Token) -> str | None:
    match sort_at(snapshot.kind, token.path):
        case Sort.ROUTE:
            return card_of_route(token.text, snapshot.canonical or snapshot.manifest)
        case Sort.HOST:
            return card_of_host(token.text, filled(snapshot, token.text))
        case Sort.TEMPLATE:
            value = filled(snapshot, token.text)
            known = (
                "A value in it is not known here." if value is None else f"Here it is `{value}`."
            )
            return f"**template** · text with variables\n\n{known}"
        case Sort.WASM if "\0" not in token.text:
            file = look_at(snapshot.root / token.text)
            return None if file is None else f"**`{token.text}`**\n\n{card_of_wasm(file)}"
    return None


def _of_key(snapshot: Snapshot, token: Token) -> str | None:
    """What the schema says of a key, or of the key a value belongs to."""
    sheet = read_sheet(snapshot.text)
    section = sheet.section_at(token.span.start.line)
    path = token.path
    while path and isinstance(path[-1], int):
        path = path[:-1]
    root = schema_at(snapshot.kind, sheet)
    key = key_at(root, path, lambda table: tag_of(sheet, table, section))
    if key is None:
        return _of_own_key(snapshot, path)
    return key_card(key, _owner(snapshot, path, key))


def _owner(snapshot: Snapshot, path: tuple[str | int, ...], key: Key) -> Record | None:
    root = schema_at(snapshot.kind, read_sheet(snapshot.text))
    owners = types_at(root, path[:-1])
    return next((o for o in owners if isinstance(o, Record) and o.key(key.name) is key), None)


def _of_own_key(snapshot: Snapshot, path: tuple[str | int, ...]) -> str | None:
    """What a key is that the person chose."""
    root = schema_at(snapshot.kind, read_sheet(snapshot.text))
    if not path or not any(isinstance(t, Map) for t in types_at(root, path[:-1])):
        return None
    key = key_at(root, path[:-1])
    what = types_at(root, path)
    if key is None or not what:
        return None
    return f"**`{path[-1]}`** · {type_name(what[0])}\n\n{key.doc}"

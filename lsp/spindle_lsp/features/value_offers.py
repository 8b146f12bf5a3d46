"""Values that can be written at a place."""

from __future__ import annotations

from collections.abc import Iterator

from spindle.app import GRANTS
from spindle.manifest import Array, Boolean, Integer, Map, Record, Tagged, Text
from spindle.wasm import look_at
from spindle_lsp.describing import sample
from spindle_lsp.features.key_offers import wanted_labels
from spindle_lsp.features.offers import Kind, Offer, Place, escaped, placeholder, sampled
from spindle_lsp.features.path_offers import offered_paths
from spindle_lsp.meaning import Sort, owner_of, sort_at
from spindle_lsp.scanner import Path, Role

SERVERS = (
    ("redis://localhost:6379", "Redis on this machine"),
    ("postgres://localhost:5432", "PostgreSQL on this machine"),
    ("mysql://localhost:3306", "MySQL on this machine"),
    ("mqtt://localhost:1883", "MQTT on this machine"),
)
ANYTHING = (
    ("https://*", "every host, by HTTPS"),
    ("*://*:*", "everything"),
    ("http://self", "the application itself"),
    ("http://*.spin.internal", "every component of the application"),
)
MODELS = ("llama2-chat", "codellama-instruct", "all-minilm-l6-v2")
CONSTANTS = {
    "api_type": ("default", "open_ai"),
    "block_networks": ("private",),
    "channel": ("messages",),
    "prefix": ("SPIN_VARIABLE",),
}
"""Values of keys whose type is any text."""


def offered_values(place: Place) -> Iterator[Offer]:
    """What can be written as the value at a place, texts without their quotes."""
    sort = sort_at(place.snapshot.kind, place.path)
    written = _written_beside(place)
    if sort is not None:
        yield from (offer for offer in _of_sort(place, sort) if offer.label not in written)
    yield from _of_types(place)
    if place.path:
        key = next((k for k in reversed(place.path) if isinstance(k, str)), "")
        for text in CONSTANTS.get(key, ()):
            yield _text(text, "", 2)


def is_text(place: Place) -> bool:
    """Whether the value at a place may be a string."""
    types = place.types(place.path)
    return not types or any(isinstance(one, Text) for one in types)


def unquoted_offers(place: Place) -> Iterator[Offer]:
    """What can be written where no string has begun: `true`, `2`, a table."""
    for type_ in place.types(place.path):
        match type_:
            case Boolean():
                words = ("true",) if place.path[-1:] == ("private",) else ("true", "false")
                yield from (Offer(word, word, Kind.Value, rank=1) for word in words)
            case Integer(minimum, maximum) if minimum is not None and minimum == maximum:
                yield Offer(str(minimum), str(minimum), Kind.Value, rank=1)
            case Record() as record:
                yield _table(record)


def _table(record: Record) -> Offer:
    required = [key for key in record.keys if key.required] or list(record.keys[:1])
    pairs = [f"{key.name} = {sampled(sample(key, record), n)}" for n, key in enumerate(required, 1)]
    label = f"{{ {', '.join(key.name for key in required)} }}"
    return Offer(label, f"{{ {', '.join(pairs)} \\}}", Kind.Struct, record.doc, rank=6)


def _of_types(place: Place) -> Iterator[Offer]:
    if place.path[-1:] == ("type",):
        table = place.types(place.path[:-1])
        names = dict.fromkeys(name for one in _variants(place) for name in one)
        yield from (_text(name, doc, 1) for name, doc in _documented(names, table))


def _variants(place: Place) -> Iterator[tuple[str, ...]]:
    """The `type`s that tell the tables at a place apart."""
    for holder in place.types(place.path[:-2]):
        match holder, place.path[-2]:
            case Record(), str() as name if (key := holder.key(name)) is not None:
                if isinstance(key.type, Tagged):
                    yield tuple(key.type.variants)
            case Map(Tagged() as tagged) | Array(Tagged() as tagged), _:
                yield tuple(tagged.variants)


def _documented(names: dict[str, None], records: tuple[object, ...]) -> Iterator[tuple[str, str]]:
    docs = {one.name: one.doc for one in records if isinstance(one, Record)}
    yield from ((name, docs.get(name, "")) for name in names)


def _of_sort(place: Place, sort: Sort) -> Iterator[Offer]:
    match sort:
        case Sort.COMPONENT:
            own = owner_of(place.path)
            ids = (id_ for id_ in place.names(Sort.COMPONENT) if id_ != own)
            yield from (_text(id_, "component", 1) for id_ in ids)
        case Sort.STORE | Sort.DATABASE:
            yield _text("default", "always exists", 1)
            names = dict.fromkeys([*_configured(place, sort), *wanted_labels(place, sort)])
            yield from (_text(n, sort.value, 2) for n in names if n != "default")
        case Sort.MODEL:
            models = dict.fromkeys([*MODELS, *_models(place)])
            yield from (_text(name, "model", 2) for name in models)
        case Sort.HOST:
            yield from _hosts(place)
        case Sort.TEMPLATE:
            for name in place.names(Sort.VARIABLE):
                text = f"{{{{ {name} }}}}"
                yield Offer(text, escaped(text), Kind.Variable, "variable", rank=1)
        case Sort.ROUTE:
            yield from _routes(place)
        case Sort.WASM | Sort.FILE | Sort.DIRECTORY:
            yield from offered_paths(place, sort)
        case Sort.GRANT:
            yield from (_text(name, "grant", 2) for name, _ in GRANTS)
        case Sort.EXPORT:
            yield from (_text(name, "export", 1) for name in _exports(place))


def _text(text: str, detail: str, rank: int) -> Offer:
    return Offer(text, escaped(text), Kind.Value, detail, rank=rank)


def _configured(place: Place, sort: Sort) -> list[str]:
    """The labels of a runtime configuration."""
    config = place.snapshot.config
    if config is None:
        return place.names(sort)
    field = "key_value_stores" if sort is Sort.STORE else "sqlite_databases"
    return [*place.names(sort), *getattr(config, field)]


def _models(place: Place) -> list[str]:
    manifest = place.manifest
    components = manifest.components.values() if manifest is not None else ()
    return [name for component in components for name in component.ai_models]


def _hosts(place: Place) -> Iterator[Offer]:
    yield Offer(
        "https://", f"https://{placeholder(1, 'example.com')}", Kind.Value, "a host", rank=1
    )
    for name in place.names(Sort.VARIABLE):
        text = f"https://{{{{ {name} }}}}"
        yield Offer(text, escaped(text), Kind.Variable, "a host that a variable names", rank=4)
    own = owner_of(place.path)
    for id_ in place.names(Sort.COMPONENT):
        if id_ != own:
            yield _text(f"http://{id_}.spin.internal", "a component of the application", 2)
    for text, detail in SERVERS:
        yield _text(text, detail, 3)
    for text, detail in ANYTHING:
        yield _text(text, detail, 5)


def _routes(place: Place) -> Iterator[Offer]:
    id_ = place.value((*place.path[:-1], "component"))
    if id_ is not None:
        yield _text(f"/{id_}/...", f"every path below `/{id_}`", 1)
        yield _text(f"/{id_}", "this path alone", 2)
    yield _text("/...", "every path no other route takes", 3)
    yield Offer("/:id", f"/:{placeholder(1, 'id')}", Kind.Value, "one segment a param", rank=4)


def _exports(place: Place) -> list[str]:
    """What the dependency at a place exports."""
    table: Path = place.path[:-1]
    source = place.value((*table, "path"))
    id_ = place.value((*table, "component"))
    manifest = place.snapshot.manifest
    if source is None and id_ is not None and manifest is not None:
        component = manifest.components.get(id_)
        found = None if component is None else component.source
        source = found if isinstance(found, str) else None
    if source is None or "\0" in source:
        return []
    file = look_at(place.snapshot.root / source)
    return [] if file is None else file.outline.exports


def _written_beside(place: Place) -> set[str]:
    """What else stands in the array at a place."""
    path = place.path
    if not path or not isinstance(path[-1], int):
        return set()
    return {
        token.text
        for token in place.cursor.section.tokens
        if token.role is Role.VALUE
        and len(token.path) == len(path)
        and token.path[:-1] == path[:-1]
        and token != place.cursor.token
    }

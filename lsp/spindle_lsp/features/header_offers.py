"""Headers that can begin a table."""

from __future__ import annotations

from collections.abc import Iterator

from spindle.manifest import Array, Map, Record, keys_of
from spindle_lsp.describing import is_table
from spindle_lsp.features.key_offers import wanted_labels
from spindle_lsp.features.offers import Kind, Offer, Place, escaped
from spindle_lsp.meaning import LABELS, Sort, owner_of
from spindle_lsp.mentions import used_names

FEW = 20
"""Components of which all are offered their tables."""


def offered_headers(place: Place) -> Iterator[Offer]:
    """The headers that make sense after what there is, the likeliest first."""
    there = {tuple(k for k in s.path if isinstance(k, str)) for s in place.sheet.sections}
    if place.snapshot.kind == "runtime-config":
        yield from _of_root(place, there)
        return
    yield from _undefined(place)
    yield from _of_root(place, there)
    for id_ in _components(place):
        yield from _of_component(place, id_, there)
    if place.cursor.section.path[:2] == ("trigger", "http"):
        path = ("trigger", "http", "static_response")
        yield _offer(path, "a response without a component", rank=4)


def _undefined(place: Place) -> Iterator[Offer]:
    """Tables of components that are spoken of."""
    defined = {*place.names(Sort.COMPONENT), place.cursor.token and place.cursor.token.text}
    for name in used_names("manifest", place.snapshot.text, Sort.COMPONENT):
        if name not in defined and name:
            yield _offer(("component", name), "a component a trigger names", rank=0)


def _of_root(place: Place, there: set[tuple[str, ...]]) -> Iterator[Offer]:
    for key in (key for key in place.root.keys if not key.deprecated):
        path = (key.name,)
        match key.type:
            case Array() if is_table(key):
                yield _offer(path, key.doc, double=True, rank=3)
            case Map() if is_table(key):
                if key.name == "variables":
                    yield from _once(path, key.doc, there)
                else:
                    yield from _of_map(place, key.name, key.doc)
            case Record() as record:
                if record.rest is None:
                    yield from _once(path, key.doc, there)
                for below in record.keys:
                    if isinstance(below.type, Array) and is_table(below):
                        yield _offer((*path, below.name), below.doc, double=True, rank=2)
            case _ if is_table(key) or key.name == "llm_compute":
                yield from _once(path, key.doc, there)
    if place.root.key("application") is not None:
        for kind, name in (("redis", "Redis"), ("mqtt", "MQTT")):
            yield from _once(
                ("application", "trigger", kind), f"Settings of {name} triggers.", there
            )


def _of_map(place: Place, name: str, doc: str) -> Iterator[Offer]:
    for label in wanted_labels(place, LABELS[name]) if name in LABELS else ():
        yield _offer((name, label), doc, rank=1)
    text = f"[{name}.${{1:{'my-component' if name == 'component' else 'label'}}}]"
    yield Offer(f"[{name}.…]", text, Kind.Struct, doc, rank=3)


def _once(
    path: tuple[str, ...], doc: str, there: set[tuple[str, ...]], rank: int = 2
) -> Iterator[Offer]:
    if path not in there:
        yield _offer(path, doc, rank=rank)


def _components(place: Place) -> list[str]:
    """Components whose tables are likely to be wanted: the one at the place, else all of a few."""
    near = owner_of(place.path) or owner_of(place.cursor.section.path)
    if near is not None:
        return [near]
    ids = place.names(Sort.COMPONENT)
    return ids if len(ids) <= FEW else []


def _of_component(place: Place, id_: str, there: set[tuple[str, ...]]) -> Iterator[Offer]:
    for key in keys_of(place.types(("component", id_))):
        tables = is_table(key) or isinstance(key.type, Map)
        if tables and key.name not in ("tool", "profile"):
            rank = 1 if key.name == "build" else 4
            yield from _once(("component", id_, key.name), key.doc, there, rank)
        elif key.name == "profile":
            for profile in _profiles(there):
                yield from _once(("component", id_, "profile", profile), key.doc, there, rank=5)


def _profiles(there: set[tuple[str, ...]]) -> list[str]:
    """The profiles that components have."""
    names = [p[3] for p in there if len(p) > 3 and p[0] == "component" and p[2] == "profile"]
    return sorted(dict.fromkeys([*names, "release" if not names else names[0]]))


def _offer(path: tuple[str, ...], doc: str, *, double: bool = False, rank: int = 5) -> Offer:
    keys = ".".join(path)
    text = f"[[{keys}]]" if double else f"[{keys}]"
    return Offer(text, escaped(text), Kind.Struct, doc, rank=rank)

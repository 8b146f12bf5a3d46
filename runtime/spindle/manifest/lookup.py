"""What the schema says of a place: the types a value may have there, and the keys of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from spindle.manifest.schema import Array, Choice, Key, Map, Record, Tagged, Type

Path = tuple[str | int, ...]
Tag = Callable[[Path], str | None]
"""The text of the `type` of the table at a path, which tells kinds of tables apart."""


def untagged(path: Path) -> None:
    """No table says what kind it is."""


def schema_of(version: int) -> Record:
    """The schema of a manifest version."""
    if version == 1:
        from spindle.manifest import v1

        return v1.MANIFEST
    from spindle.manifest import v2

    return v2.MANIFEST


def types_at(root: Type, path: Path, tag: Tag = untagged) -> tuple[Type, ...]:
    """The types a value may have at a path, choices taken apart; none for an unknown path."""
    types = tuple(_apart(root, None))
    for depth, step in enumerate(path, 1):
        name = tag(path[:depth])
        types = tuple(
            one for type_ in types for below in _below(type_, step) for one in _apart(below, name)
        )
    return types


def key_at(root: Type, path: Path, tag: Tag = untagged) -> Key | None:
    """The key that names the value at a path; None when it is unknown or the person's own."""
    if not path or not isinstance(path[-1], str):
        return None
    for type_ in types_at(root, path[:-1], tag):
        if isinstance(type_, Record) and (key := type_.key(path[-1])) is not None:
            return key
    return None


def keys_of(types: Iterable[Type]) -> tuple[Key, ...]:
    """The keys tables of some types may have, each once."""
    found: dict[str, Key] = {}
    for type_ in types:
        if isinstance(type_, Record):
            for key in type_.keys:
                found.setdefault(key.name, key)
    return tuple(found.values())


def alternatives(type_: Type) -> tuple[Type, ...]:
    """A type's alternatives, choices taken apart."""
    return tuple(_apart(type_, None))


def _apart(type_: Type, tag: str | None) -> Iterator[Type]:
    match type_:
        case Choice(several):
            for one in several:
                yield from _apart(one, tag)
        case Tagged(variants):
            known = variants.get(tag) if tag is not None else None
            yield from [known] if known is not None else _once(variants.values())
        case _:
            yield type_


def _below(type_: Type, step: str | int) -> Iterator[Type]:
    match type_, step:
        case Record(), str():
            key = type_.key(step)
            if key is not None:
                yield key.type
            elif type_.rest is not None:
                yield type_.rest
        case Map(of), str():
            yield of
        case Array(of), int():
            yield of


def _once(records: Iterable[Record]) -> Iterator[Record]:
    seen: list[Record] = []
    for record in records:
        if not any(record is one for one in seen):
            seen.append(record)
            yield record

"""What a key-value store is, wherever it is kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, NamedTuple, Protocol

from spindle.factors.answering import CaseFailure
from spindle.limits import DEFAULT

MOST_BYTES = DEFAULT.max_buffered_bytes
"""Bytes of what is answered whole: a value, or a list of keys or values. As in Spin."""
PER_VALUE = 24
PER_KEY = 24
PER_PAIR = 48
"""Bytes which Spin counts for each, besides its contents."""

UNSEEN: Any = object()
"""In place of what `Store.current` tells, where nobody has asked."""

OnTrouble = Callable[[str], None]
"""Told, for people, what is wrong with where a store is kept."""


class KeyValueError(CaseFailure):
    """An operation failed; `case` is the `error` of Spin's interfaces."""


class Page(NamedTuple):
    """Some keys, and where the next begin; None after the last. There may be none before it."""

    keys: list[str]
    cursor: str | None


class Store(Protocol):
    """One open store; every method may raise `KeyValueError`."""

    label: str

    async def get(self, key: str) -> bytes | None:
        """A key's value."""
        ...

    async def set(self, key: str, value: bytes) -> None:
        """Set a key's value."""
        ...

    async def delete(self, key: str) -> None:
        """Remove a key, which need not be there."""
        ...

    async def exists(self, key: str) -> bool:
        """Whether a key has a value."""
        ...

    async def page(self, prefix: str = "", cursor: str | None = None) -> Page:
        """Some of the keys that begin with a prefix, from where a cursor says."""
        ...

    async def get_many(self, keys: Sequence[str]) -> list[tuple[str, bytes | None]]:
        """Those of the keys that have a value, with it."""
        ...

    async def set_many(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Set several."""
        ...

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Remove keys."""
        ...

    async def increment(self, key: str, delta: int) -> int:
        """Add to a number of 64 bits, 0 when it is not there; the new number."""
        ...

    async def current(self, key: str) -> tuple[bytes | None, Any]:
        """A key's value, and what `swap` knows again whether it has changed by."""
        ...

    async def swap(self, key: str, seen: Any, value: bytes) -> bool:
        """Set a value unless it has changed since it was `seen`; whether that was done."""
        ...


class Backend(Protocol):
    """Where stores are kept."""

    @property
    def summary(self) -> str:
        """Where that is, for people; without secrets."""
        ...

    async def open(self, label: str) -> Store:
        """The store of a label; raises `KeyValueError`."""
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...


def within_limit(size: int) -> None:
    """Raise `KeyValueError` if an answer of that many bytes is too large."""
    if size > MOST_BYTES:
        raise KeyValueError("other", f"query result exceeds limit of {MOST_BYTES} bytes")


def bounded(value: bytes | None) -> bytes | None:
    """A value that is not too large."""
    within_limit(PER_VALUE + len(value or b""))
    return value


def bounded_pairs(pairs: list[tuple[str, bytes | None]]) -> list[tuple[str, bytes | None]]:
    """Keys and values that are not too large together."""
    within_limit(sum(PER_PAIR + len(key.encode()) + len(value or b"") for key, value in pairs))
    return pairs


async def pages_of(store: Store, prefix: str = "") -> AsyncGenerator[list[str], None]:
    """All keys that begin with a prefix, some at a time; raises `KeyValueError`."""
    page = await store.page(prefix)
    while page.cursor is not None:
        if page.keys:
            yield page.keys
        page = await store.page(prefix, page.cursor)
    yield page.keys


async def all_keys(store: Store) -> list[str]:
    """Every key of a store; raises `KeyValueError` if they are too large together."""
    keys: dict[str, None] = {}
    size = PER_KEY
    async for page in pages_of(store):
        size += sum(PER_KEY + len(key.encode()) for key in page)
        within_limit(size)
        keys.update(dict.fromkeys(page))
    return list(keys)


def as_number(value: bytes | None, *, text: bool) -> int:
    """The number of 64 bits a value is; raises `KeyValueError`.

    Redis and DynamoDB keep it as text; in SQLite it is eight bytes, the lowest first.
    """
    if value is None:
        return 0
    try:
        if text:
            return int(value)
        if len(value) == 8:
            return int.from_bytes(value, "little", signed=True)
    except ValueError:
        pass
    raise KeyValueError("other", "the value is not a number of 64 bits")


def checked_sum(number: int, delta: int) -> int:
    """Their sum; raises `KeyValueError` if it has more than 64 bits."""
    result = number + delta
    if not -(1 << 63) <= result < 1 << 63:
        raise KeyValueError("other", "the number does not fit in 64 bits")
    return result

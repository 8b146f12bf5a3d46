"""What a key-value store is, wherever it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from spindle.factors.answering import Failure


class KeyValueError(Failure):
    """An operation failed; `case` is the `error` of Spin's interfaces."""

    def __init__(self, case: str, reason: str | None = None) -> None:
        super().__init__(case if reason is None else reason)
        self.case = case
        self.reason = reason


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

    async def get_keys(self) -> list[str]:
        """All keys."""
        ...

    async def get_many(self, keys: Sequence[str]) -> list[tuple[str, bytes | None]]:
        """Those of the keys that have a value, with it."""
        ...

    async def set_many(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Set all or none."""
        ...

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Remove keys."""
        ...

    async def increment(self, key: str, delta: int) -> int:
        """Add to a number of 64 bits, 0 when it is not there; the new number."""
        ...

    async def swap(self, key: str, old: bytes | None, new: bytes) -> bool:
        """Set a value if it is what it was; whether it was."""
        ...


class Backend(Protocol):
    """Where stores are kept."""

    async def open(self, label: str) -> Store:
        """The store of a label; raises `KeyValueError`."""
        ...

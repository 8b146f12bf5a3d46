"""What lives in a store and passes between its instances."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import c_void_p
from typing import TYPE_CHECKING, Any

from spindle.component.core.c_api import as_size, export_get, export_get_bare
from spindle.component.core.engine import Module
from spindle.component.core.errors import CoreError

if TYPE_CHECKING:
    from spindle.component.core.store import Store


FUNC, GLOBAL, TABLE, MEMORY = 0, 1, 2, 3

EXTERN_SIZE = 32
FUNC_HEAD, FUNC_TAIL = bytes(8), bytes(8)
"""What surrounds a function in an extern."""


class Extern:
    """A core function, memory, table or global of one store."""

    __slots__ = ("kind", "raw", "store")

    def __init__(self, store: Store, raw: bytes) -> None:
        self.store = store
        self.raw = raw
        self.kind = raw[0]


class Slots:
    """Core externs of one store by number, kept as the engine takes them.

    For instantiating many modules that import from one another: nothing is looked up twice and
    no object is made for an extern that is only passed on.
    """

    __slots__ = ("raw", "store")

    def __init__(self, store: Store, count: int) -> None:
        self.store = store
        self.raw = [b""] * count
        """Empty until filled."""

    def __getitem__(self, slot: int) -> Extern:
        raw = self.raw[slot]
        assert raw, "the slot is not filled yet"
        return Extern(self.store, raw)

    def __setitem__(self, slot: int, extern: Extern) -> None:
        assert extern.store is self.store, "an extern of another store"
        self.raw[slot] = extern.raw

    def instantiate(
        self, module: Module, imports: Sequence[int], exports: Sequence[tuple[bytes, int]]
    ) -> None:
        """Instantiate a module with slots, in its order, and fill slots from its exports.

        Raises like `Store.instantiate`.
        """
        raw, store = self.raw, self.store
        packed = b"".join([raw[slot] for slot in imports])
        assert len(packed) == len(imports) * EXTERN_SIZE, "a slot is not filled yet"
        instance = c_void_p(ctypes.addressof(out := store.instantiate_packed(module, packed)))
        context, buffer = c_void_p(store.context), store.extern_buffer
        for name, slot in exports:
            if not export_get_bare(context, instance, name, as_size(len(name)), buffer):
                raise CoreError(f"there is no export `{name.decode()}`")
            raw[slot] = buffer.raw
        del out  # the instance must live until here


class CoreInstance:
    """An instance of a core module."""

    __slots__ = ("_raw", "store")

    def __init__(self, store: Store, raw: Any) -> None:
        self.store = store
        self._raw = raw

    def export(self, name: str) -> Extern | None:
        """An export by name."""
        out = self.store.extern_buffer
        encoded = name.encode()
        address = ctypes.addressof(out)
        if not export_get(self.store.context, self._raw, encoded, len(encoded), address):
            return None
        return Extern(self.store, out.raw)

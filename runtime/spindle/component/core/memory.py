"""Linear memories as the host reads and writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.component.core.c_api import memory_data, memory_size, view_of

if TYPE_CHECKING:
    from spindle.component.core.externs import Extern
    from spindle.component.core.store import Store


class Memory:
    """A linear memory as the host reads and writes it.

    `view` covers the memory as it was when last looked at. Memories never shrink and never move
    (the engine's `memory_may_move` is off), so an old view is short, not wrong; `refresh` takes
    a new one, and it is released with the store.
    """

    __slots__ = ("_store", "raw", "view")

    def __init__(self, store: Store, extern: Extern) -> None:
        self._store = store
        self.raw = extern.raw[8:]
        """It as the engine's functions take it."""
        self.view = memoryview(b"")
        self.refresh()

    def refresh(self) -> memoryview:
        """A view of the whole memory as it is now."""
        size = memory_size(self._store.context, self.raw)
        if size != len(self.view):
            base = memory_data(self._store.context, self.raw)
            self.view = view_of(base, size, 0x200)
        return self.view

    @property
    def size(self) -> int:
        """How many bytes it has now."""
        size: int = memory_size(self._store.context, self.raw)
        return size

    @property
    def base(self) -> int:
        """The address of its first byte in this process."""
        address: int = memory_data(self._store.context, self.raw)
        return address

    def release(self) -> None:
        """Make every later access fail instead of reading freed memory."""
        self.view.release()

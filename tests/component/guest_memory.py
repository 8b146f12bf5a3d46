"""A guest that is nothing but a memory and an allocator, to lift from and lower to."""

from typing import Any

from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.options import CanonicalOptions
from spindle.component.instance import ComponentInstance
from spindle.component.table import Table
from spindle.limits import DEFAULT

ENCODINGS = ("utf8", "utf16", "latin1+utf16")
PTR_TYPES = ("i32", "i64")


class GuestMemory:
    """Stands for a core memory; `refresh` sees what it has grown to since."""

    def __init__(self, size: int = 1 << 16, grown: int | None = None) -> None:
        self.bytes = bytearray(size if grown is None else grown)
        self.view = memoryview(self.bytes)[:size]

    def refresh(self) -> memoryview:
        self.view = memoryview(self.bytes)
        return self.view


class BumpAllocator:
    """A `realloc` that never frees, always moves, and writes down its calls."""

    def __init__(self, memory: GuestMemory, start: int = 64) -> None:
        self.memory = memory
        self.next = start
        self.calls: list[tuple[int, int, int, int]] = []

    def __call__(self, old: int, old_size: int, alignment: int, new_size: int) -> int:
        self.calls.append((old, old_size, alignment, new_size))
        ptr = -(-self.next // alignment) * alignment
        self.next = ptr + new_size
        kept = min(old_size, new_size)
        self.memory.bytes[ptr : ptr + kept] = self.memory.bytes[old : old + kept]
        return ptr


class Instance:
    """What the codecs ask a component instance for."""

    def __init__(self) -> None:
        self.handles: Table[Any] = Table()
        self.implemented: dict[object, Any] = {}
        self.max_buffered_bytes = DEFAULT.max_buffered_bytes

    def resource_impl(self, rt: object) -> tuple[Any, None]:
        return self.implemented.get(rt), None


def context(
    encoding: str = "utf8",
    ptr_type: str = "i32",
    *,
    memory: GuestMemory | None = None,
    realloc: Any = None,
    scope: Any = None,
) -> LiftLowerContext:
    """A context for an empty guest."""
    memory = memory or GuestMemory()
    opts = CanonicalOptions(
        encoding,
        memory,  # type: ignore[arg-type]  # as good as a core memory here
        realloc or BumpAllocator(memory),
        ptr_type=ptr_type,
    )
    inst: ComponentInstance = Instance()  # type: ignore[assignment]  # as good as one here
    return LiftLowerContext(opts, inst, scope)

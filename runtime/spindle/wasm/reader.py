"""A cursor over a binary: bytes, LEB128 integers, names and vectors, with places for errors.

Spec: WebAssembly core specification, binary format, conventions and values.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

from spindle.errors import ComponentError

T = TypeVar("T")


class DecodeError(ComponentError):
    """A binary is malformed.

    `offset` is the file offset of the fault; `context` says what was being read, outermost first.
    """

    code = "malformed-wasm"

    def __init__(
        self,
        problem: str,
        offset: int,
        context: tuple[str, ...] = (),
        *,
        hints: tuple[str, ...] = (),
        path: Path | None = None,
    ) -> None:
        where = f" (at offset {offset:#x})"
        super().__init__(": ".join((*context, problem)) + where, hints=hints, path=path)
        self.problem = problem
        self.offset = offset
        self.context = context

    def within(self, context: str) -> DecodeError:
        """The same error, one context further out."""
        return DecodeError(
            self.problem, self.offset, (context, *self.context), hints=self.hints, path=self.path
        )


class Reader:
    """A cursor at `position` over bytes up to `end` of a file; offsets are those of the file."""

    __slots__ = ("data", "end", "position")

    def __init__(self, data: memoryview, position: int = 0, end: int | None = None) -> None:
        self.data = data
        self.position = position
        self.end = len(data) if end is None else end

    @property
    def at_end(self) -> bool:
        """Whether everything was read."""
        return self.position >= self.end

    def fail(self, problem: str, offset: int | None = None) -> NoReturn:
        """Raise a `DecodeError` here, or at an offset."""
        raise DecodeError(problem, self.position if offset is None else offset)

    def byte(self) -> int:
        """The next byte."""
        position = self.position
        if position >= self.end:
            self.fail("unexpected end")
        self.position = position + 1
        return self.data[position]

    def peek(self) -> int:
        """The next byte, which stays."""
        if self.position >= self.end:
            self.fail("unexpected end")
        return self.data[self.position]

    def u32(self) -> int:
        """An unsigned 32-bit LEB128 integer."""
        position = self.position
        if position < self.end and (byte := self.data[position]) < 0x80:
            self.position = position + 1
            return byte
        return self.unsigned(32)

    def unsigned(self, bits: int) -> int:
        """An unsigned LEB128 integer of at most `bits` bits."""
        data, start, end = self.data, self.position, self.end
        result = shift = 0
        for position in range(start, end):
            byte = data[position]
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= bits:
                self.fail("integer representation too long", start)
        else:
            self.fail("unexpected end", end)
        if result >> bits:
            self.fail(f"integer too large for {bits} bits", start)
        self.position = position + 1
        return result

    def signed(self, bits: int) -> int:
        """A signed LEB128 integer of at most `bits` bits."""
        start = self.position
        result = shift = 0
        while True:
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= bits:
                self.fail("integer representation too long", start)
        if byte & 0x40:
            result -= 1 << shift
        if not -(1 << (bits - 1)) <= result < 1 << (bits - 1):
            self.fail(f"integer too large for {bits} bits", start)
        return result

    def name(self) -> str:
        """A UTF-8 string with its length before it."""
        start = self.position
        size = self.u32()
        position = self.position
        if size > self.end - position:
            self.fail("a name runs past the end", start)
        self.position = position + size
        try:
            return str(self.data[position : position + size], "utf-8")
        except UnicodeDecodeError:
            self.fail("a name is not valid UTF-8", position)

    def count(self) -> int:
        """The length of a vector, each item of which takes at least a byte."""
        start = self.position
        count = self.u32()
        if count > self.end - self.position:
            self.fail(f"a vector of {count} items runs past the end", start)
        return count

    def vector(self, item: Callable[[Reader], T]) -> tuple[T, ...]:
        """A length and that many items."""
        return tuple([item(self) for _ in range(self.count())])

    def optional(self, item: Callable[[Reader], T]) -> T | None:
        """A flag byte and, if it is 1, an item."""
        return item(self) if self.flag() else None

    def flag(self) -> bool:
        """A byte that is 0 or 1."""
        byte = self.byte()
        if byte > 1:
            self.fail(f"expected 0x00 or 0x01, found {byte:#04x}", self.position - 1)
        return byte == 1

    def expect(self, byte: int, what: str) -> None:
        """Skip a byte that must be this one."""
        found = self.byte()
        if found != byte:
            self.fail(f"expected {what}, found {found:#04x}", self.position - 1)

    def section(self) -> Reader:
        """The bytes of a size-prefixed section, as a reader; this one moves past them."""
        start = self.position
        size = self.u32()
        body = self.position
        if size > self.end - body:
            self.fail(f"the section says {size} bytes but {self.end - body} are left", start)
        self.position = body + size
        return Reader(self.data, body, body + size)

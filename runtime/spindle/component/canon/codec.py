"""The codec of a type: everything that is ever done with its values, compiled once.

Spec: CanonicalABI.md#loading, CanonicalABI.md#storing, CanonicalABI.md#flat-lifting,
CanonicalABI.md#flat-lowering.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from spindle.component.canon import lists
from spindle.component.canon.cache import cached_by_type
from spindle.component.canon.flat_form import flat_form
from spindle.component.canon.flatten import Flat, flatten_type
from spindle.component.canon.memory_form import Load, Store, memory_form
from spindle.component.canon.mismatch import UNFIT, mismatch
from spindle.component.canon.source import Source, tuple_of
from spindle.wasm.types import ListType, ValType

if TYPE_CHECKING:
    from spindle.component.canon.context import LiftLowerContext
    from spindle.component.core import CoreValue


class Codec:
    """How values of one type pass between Python and guests."""

    def __init__(self, t: ValType, ptr_type: str) -> None:
        memory = memory_form(ptr_type)
        where = memory.layout(t)
        self.t = t
        self.ptr_type = ptr_type
        self.alignment = where.alignment
        self.size = where.size
        """Bytes of one value, as an element of a list."""

    @property
    def flat(self) -> Flat:
        """The core types of a value passed flat, cut off where they are too many for that."""
        return flatten_type(self.t, self.ptr_type)

    def load(self, cx: LiftLowerContext, ptr: int) -> Any:
        """Read the value at a pointer that was checked."""
        return self.load_at(cx, cx.view, ptr)

    def store(self, cx: LiftLowerContext, value: Any, ptr: int) -> None:
        """Write a value to a pointer that was checked."""
        try:
            self.store_at(cx, value, cx.view, ptr)
        except UNFIT as error:
            raise mismatch(self.t, value, error) from None

    def lift(self, cx: LiftLowerContext, flat: Iterable[CoreValue]) -> Any:
        """The value of exactly its core values."""
        return self.lift_flat(cx, flat)

    def lower(self, cx: LiftLowerContext, value: Any, out: list[CoreValue]) -> None:
        """Append the core values of a value."""
        try:
            out += self.lower_flat(cx, value)
        except UNFIT as error:
            raise mismatch(self.t, value, error) from None

    @functools.cached_property
    def load_at(self) -> Load:
        """`load` from a view and an offset."""
        return memory_form(self.ptr_type).load(self.t)

    @functools.cached_property
    def store_at(self) -> Store:
        """`store` to a view and an offset; wrong values fail as they will."""
        return memory_form(self.ptr_type).store(self.t)

    @functools.cached_property
    def load_elements(self) -> lists.LoadElements:
        """Read values that lie one after another."""
        return memory_form(self.ptr_type).load_elements(self.t)

    @functools.cached_property
    def store_elements(self) -> lists.StoreElements:
        """Write values one after another; wrong ones fail as they will."""
        return memory_form(self.ptr_type).store_elements(self.t)

    @functools.cached_property
    def sized(self) -> Callable[[Any], Any]:
        """What makes a list of such values something with a length."""
        return lists.sized(ListType(self.t))

    @functools.cached_property
    def lift_flat(self) -> Callable[[LiftLowerContext, Iterable[CoreValue]], Any]:
        """`lift`, generated."""
        form = flat_form(self.ptr_type)
        src = Source("lift", "cx", "flat")
        slots = src.locals(len(form.flat(self.t)))
        src.line(f"{tuple_of(slots)} = flat")
        src.line(f"return {form.lift(src, self.t, slots)}")
        return src.compile()

    @functools.cached_property
    def lower_flat(self) -> Callable[[LiftLowerContext, Any], Iterable[CoreValue]]:
        """`lower`, generated; wrong values fail as they will."""
        src = Source("lower", "cx", "value")
        slots = flat_form(self.ptr_type).lower(src, self.t, "value")
        src.line(f"return {tuple_of(slots)}")
        return src.compile()


def codec(t: ValType, ptr_type: str = "i32") -> Codec:
    """The codec of a type, for memories with such addresses."""
    return _codec(t, ptr_type)


_codec = cached_by_type(Codec)


def load_list_from_valid_range(
    cx: LiftLowerContext, ptr: int, length: int, elem: Codec
) -> Sequence[Any]:
    """The elements at a pointer that was checked: bytes for `u8`, else a list."""
    elements: Sequence[Any] = elem.load_elements(cx, cx.view, ptr, length)
    return elements


def store_list_into_valid_range(cx: LiftLowerContext, values: Any, ptr: int, elem: Codec) -> None:
    """Write elements to a pointer that was checked."""
    try:
        elem.store_elements(cx, elem.sized(values), cx.view, ptr)
    except UNFIT as error:
        raise mismatch(ListType(elem.t), values, error) from None

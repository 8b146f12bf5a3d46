"""Values in linear memory.

Spec: CanonicalABI.md#loading, CanonicalABI.md#storing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from struct import Struct
from typing import TYPE_CHECKING, Any

from spindle.component.canon import lists, rows, variants
from spindle.component.canon.cache import MAX_SIZE
from spindle.component.canon.despecialize import AnyVariant
from spindle.component.canon.form import Form, LateFunctions
from spindle.component.canon.layout import Layout, embed, layout
from spindle.component.canon.source import Source, tuple_of
from spindle.wasm.types import (
    EnumType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

if TYPE_CHECKING:
    from spindle.component.canon.context import LiftLowerContext

Load = Callable[["LiftLowerContext", memoryview, int], Any]
"""context, memory view, offset → value; the range is valid."""
Store = Callable[["LiftLowerContext", Any, memoryview, int], None]
"""context, value, memory view, offset; the range is valid."""


class MemoryForm(Form):
    """A value's slots are the items of its layout's format."""

    def layout(self, t: ValType) -> Layout:
        """Where the parts of a value lie."""
        return layout(t, self.ptr_type)

    def zeros(self, t: ValType) -> Sequence[str]:
        """For each slot of the type as a part of another, the source of its empty value."""
        return embed(self.layout(t)).zeros

    def lift_scalar(self, t: PrimValType, slot: str) -> str:
        """The format has read it as it is."""
        return slot

    def lower_scalar(self, src: Source, t: PrimValType, value: str) -> str:
        """The format checks and writes it."""
        return value

    def split_functions(self, t: ValType) -> LateFunctions | None:
        """Embedded types are read from their bytes; variants with several payloads likewise."""
        if self.layout(t).is_embedded:
            return LateFunctions(
                lambda: _load_embedded(self.load(t)),
                lambda: _store_embedded(self.store(t), self.layout(t).size),
            )
        if isinstance(t, VariantType | EnumType | OptionType | ResultType) and variants.is_union(t):
            return _union_functions(self.ptr_type, t)
        return None

    def list_functions(self, t: ListType | MapType) -> LateFunctions:
        """The functions of a list that has slots for pointer and length."""
        return _list_functions(self.ptr_type, t)

    def open_case(
        self, src: Source, t: AnyVariant, payload: ValType, slots: list[str]
    ) -> list[str]:
        """Unpack the payload from the bytes all cases share."""
        part = embed(self.layout(payload))
        names = src.locals(len(part.zeros))
        unpack = src.bind("unpack", Struct("<" + part.format).unpack_from)
        src.line(f"{tuple_of(names)} = {unpack}({slots[0]})")
        return names

    def close_case(
        self, src: Source, t: AnyVariant, payload: ValType, slots: list[str]
    ) -> list[str]:
        """Pack the payload into bytes; the format of the whole pads them."""
        pack = src.bind("pack", Struct("<" + embed(self.layout(payload)).format).pack)
        return [f"{pack}({', '.join(slots)})"]

    # Code for a whole value at a place: the variables `view` and `offset`.

    def emit_check(self, src: Source, t: ValType, what: str) -> None:
        """Statements that check `offset`, a pointer the guest gave, and set `view`."""
        where = self.layout(t)
        src.line("view = cx.opts.memory.view")
        with src.block(f"if offset % {where.alignment} or offset + {where.size} > len(view):"):
            src.line(f"cx.check(offset, {where.alignment}, {where.size}, {what!r})")
            src.line("view = cx.opts.memory.view")

    def emit_load(self, src: Source, t: ValType) -> str:
        """Statements that read the value's slots, and the expression of the value."""
        if _is_fixed_list(t):
            return f"{src.bind('load_list', self.load(t))}(cx, view, offset)"
        where = self.layout(t)
        slots = src.locals(len(where.zeros))
        unpack = src.bind("unpack_from", Struct("<" + where.format).unpack_from)
        src.line(f"{tuple_of(slots)} = {unpack}(view, offset)")
        return self._lift_whole(src, t, slots)

    def emit_store(self, src: Source, t: ValType, value: str) -> None:
        """Statements that write the variable `value`."""
        if _is_fixed_list(t):
            src.line(f"{src.bind('store_list', self.store(t))}(cx, {value}, view, offset)")
            return
        where = self.layout(t)
        pack = src.bind("pack_into", Struct("<" + where.format).pack_into)
        lower = self.lower_in_place if where.is_embedded else self.lower
        src.line(f"{pack}(view, offset, {', '.join(lower(src, t, value))})")

    def emit_load_elements(self, src: Source, t: ValType) -> str:
        """The expression of a list of `count` values."""
        where = self.layout(t)
        if _is_fixed_list(t):
            load = src.bind("load_list", self.load(t))
            return f"[{load}(cx, view, offset + i * {where.size}) for i in range(count)]"
        slots = src.locals(len(where.zeros))
        iter_unpack = src.bind("iter_unpack", Struct("<" + where.format).iter_unpack)
        values = f"{iter_unpack}(view[offset : offset + count * {where.size}])"
        return f"[{self._lift_whole(src, t, slots)} for {tuple_of(slots)} in {values}]"

    def _lift_whole(self, src: Source, t: ValType, slots: list[str]) -> str:
        """The value of a layout's slots, in place where other types would hold it as bytes."""
        lift = self.lift_in_place if self.layout(t).is_embedded else self.lift
        return lift(src, t, slots)

    # The functions of a type.

    def load(self, t: ValType) -> Load:
        """What reads a value."""
        return _load(self.ptr_type, t)

    def store(self, t: ValType) -> Store:
        """What writes a value."""
        return _store(self.ptr_type, t)

    def load_elements(self, t: ValType) -> lists.LoadElements:
        """What reads values that lie one after another."""
        return _load_elements(self.ptr_type, t)

    def store_elements(self, t: ValType) -> lists.StoreElements:
        """What writes values one after another."""
        return _store_elements(self.ptr_type, t)


@functools.cache
def memory_form(ptr_type: str) -> MemoryForm:
    """The form for memories with such addresses."""
    return MemoryForm(ptr_type)


_cached = functools.lru_cache(maxsize=MAX_SIZE)


@_cached
def _load(ptr_type: str, t: ValType) -> Load:
    form = memory_form(ptr_type)
    if isinstance(t, ListType) and t.length is not None:
        return _load_fixed_list(form.load_elements(t.element), t.length)
    src = Source("load", "cx", "view", "offset")
    src.line(f"return {form.emit_load(src, t)}")
    return src.compile()


@_cached
def _store(ptr_type: str, t: ValType) -> Store:
    form = memory_form(ptr_type)
    if isinstance(t, ListType) and t.length is not None:
        return _store_fixed_list(form.store_elements(t.element), lists.sized(t), t.length)
    src = Source("store", "cx", "value", "view", "offset")
    form.emit_store(src, t, "value")
    return src.compile()


@_cached
def _load_elements(ptr_type: str, t: ValType) -> lists.LoadElements:
    if (bulk := lists.bulk_loader(t)) is not None:
        return bulk
    src = Source("load_elements", "cx", "view", "offset", "count")
    src.line(f"return {memory_form(ptr_type).emit_load_elements(src, t)}")
    return lists.counted(src.compile(), lists.ELEMENT_COST)


@_cached
def _store_elements(ptr_type: str, t: ValType) -> lists.StoreElements:
    if (bulk := lists.bulk_storer(t)) is not None:
        return bulk
    form = memory_form(ptr_type)
    src = Source("store_elements", "cx", "values", "view", "offset")
    with src.block("for value in values:"):
        form.emit_store(src, t, "value")
        src.line(f"offset += {form.layout(t).size}")
    general: lists.StoreElements = src.compile()
    if ptr_type == "i32" and t == lists.FIELDS.element:
        return lists.fields_storer(general)
    if ptr_type == "i32" and isinstance(t, ListType) and rows.is_rows(t):
        return rows.rows_storer(general, t, form.store)
    return general


def _is_fixed_list(t: ValType) -> bool:
    return isinstance(t, ListType) and t.length is not None


def _load_fixed_list(load_elements: lists.LoadElements, length: int) -> Load:
    def load(cx: LiftLowerContext, view: memoryview, offset: int) -> Any:
        return load_elements(cx, view, offset, length)

    return load


def _store_fixed_list(
    store_elements: lists.StoreElements, sized: Callable[[Any], Any], length: int
) -> Store:
    def store(cx: LiftLowerContext, value: Any, view: memoryview, offset: int) -> None:
        values = sized(value)
        if len(values) != length:
            raise ValueError("wrong length")
        store_elements(cx, values, view, offset)

    return store


def _load_embedded(load: Load) -> Callable[..., Any]:
    def load_embedded(cx: LiftLowerContext, data: bytes) -> Any:
        return load(cx, memoryview(data), 0)

    return load_embedded


def _store_embedded(store: Store, size: int) -> Callable[..., Any]:
    def store_embedded(cx: LiftLowerContext, value: Any) -> bytearray:
        data = bytearray(size)
        store(cx, value, memoryview(data), 0)
        return data

    return store_embedded


@_cached
def _union_functions(ptr_type: str, t: AnyVariant) -> LateFunctions:
    form = memory_form(ptr_type)
    return LateFunctions(
        lambda: variants.union_lifter(form, t, 1),
        lambda: variants.union_lowerer(form, t, ['b""']),
    )


@_cached
def _list_functions(ptr_type: str, t: ListType | MapType) -> LateFunctions:
    form = memory_form(ptr_type)
    element = TupleType((t.key, t.value)) if isinstance(t, MapType) else t.element
    where = form.layout(element)

    def make_load() -> Callable[..., Any]:
        load = lists.list_loader(form.load_elements(element), where.size, where.alignment)
        return _load_map(load) if isinstance(t, MapType) else load

    def make_store() -> Callable[..., Any]:
        elements = form.store_elements(element)
        return lists.list_storer(elements, lists.sized(t), where.size, where.alignment)

    return LateFunctions(make_load, make_store)


def _load_map(load: Callable[..., Any]) -> Callable[..., Any]:
    def load_map(cx: LiftLowerContext, ptr: int, length: int) -> Any:
        pairs = load(cx, ptr, length)
        found = dict(pairs)
        return found if len(found) == length else pairs

    return load_map

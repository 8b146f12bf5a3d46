"""The codec of a function type: how arguments and results pass, for each side of a call.

Spec: CanonicalABI.md#lifting-and-lowering-values.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from spindle.component.canon.cache import cached_by_type
from spindle.component.canon.flat_form import flat_form
from spindle.component.canon.flatten import (
    MAX_FLAT_ASYNC_PARAMS,
    MAX_FLAT_PARAMS,
    MAX_FLAT_RESULTS,
    flatten_functype,
    flatten_types,
)
from spindle.component.canon.memory_form import memory_form
from spindle.component.canon.mismatch import UNFIT, argument_mismatch, mismatch
from spindle.component.canon.source import Source, tuple_of
from spindle.wasm.types import FuncType, TupleType, ValType

if TYPE_CHECKING:
    from spindle.component.canon.context import LiftLowerContext
    from spindle.component.core import CoreValue

LiftValues = Callable[["LiftLowerContext", "Sequence[CoreValue]"], Any]


class FuncCodec:
    """How one function type's values pass, lifted or lowered, sync or async."""

    def __init__(
        self, ft: FuncType, is_async: bool, side: str, callback: bool, ptr_type: str
    ) -> None:
        self.ft = ft
        self.ptr_type = ptr_type
        self.core_type = flatten_functype(ft, is_async, side, callback, ptr_type)
        """The core function's type."""
        self._memory = memory_form(ptr_type)
        self._params = [param.type for param in ft.params]
        self._results = [ft.result] if ft.result is not None else []
        lowered_async = is_async and side == "lower"
        self._max_params = MAX_FLAT_ASYNC_PARAMS if lowered_async else MAX_FLAT_PARAMS
        self._max_results = 0 if lowered_async else MAX_FLAT_RESULTS

    # `canon lift`: the guest is the callee.

    @functools.cached_property
    def lower_params(self) -> Callable[[LiftLowerContext, Sequence[Any]], list[CoreValue]]:
        """Arguments to core values."""
        src = Source("lower_params", "cx", "args")
        with src.block("try:"):
            if self._are_flat(self._params, MAX_FLAT_PARAMS):
                slots = flat_form(self.ptr_type).lower_all(src, self._params, "args")
                src.line(f"return [{', '.join(slots)}]")
            else:
                t = TupleType(tuple(self._params))
                where = self._memory.layout(t)
                src.line(f"offset = cx.allocate({where.alignment}, {where.size})")
                src.line("view = cx.opts.memory.view")
                self._memory.emit_store(src, t, "args")
                src.line("return [offset]")
        _catch(src, "argument_mismatch", argument_mismatch, self.ft, "args")
        return src.compile()

    @functools.cached_property
    def lift_result(self) -> LiftValues:
        """The core results of a synchronous call to its value; None when it has none."""
        return self._lifter("lift_result", MAX_FLAT_RESULTS)

    @functools.cached_property
    def lift_task_return(self) -> LiftValues:
        """The arguments of `task.return` to a value; None when there is none."""
        return self._lifter("lift_task_return", MAX_FLAT_PARAMS)

    # `canon lower`: the guest is the caller.

    @functools.cached_property
    def lift_params(self) -> Callable[[LiftLowerContext, Sequence[CoreValue]], list[Any]]:
        """Core values to arguments; a trailing pointer for the result is left alone."""
        src = Source("lift_params", "cx", "flat")
        slots = src.locals(len(self.core_type.params))
        if slots:
            src.line(f"{tuple_of(slots)} = flat")
        src.line(f"return [{self._emit_lift_params(src, slots)}]")
        return src.compile()

    @functools.cached_property
    def lower_result(
        self,
    ) -> Callable[[LiftLowerContext, Any, Sequence[CoreValue]], list[CoreValue]]:
        """A result to core values, or to where the core arguments' last one points."""
        src = Source("lower_result", "cx", "value", "flat")
        self._emit_lower_result(src, "flat[-1]", "[", "]")
        return src.compile()

    @functools.cached_property
    def immediate(self) -> Callable[..., Callable[..., Any]]:
        """Makes the core function of a host function that answers at once.

        It is made from the caller's instance and store, the context, the host function, and what
        to call when the instance may not be left.
        """
        src = Source("make", "inst", "store", "cx", "fn", "refuse")
        slots = src.locals(len(self.core_type.params))
        with src.block(f"def lowered({', '.join(slots)}):"):
            with src.block("if not inst.may_leave:"):
                src.line("refuse()")
            arguments = self._emit_lift_params(src, slots)
            src.line(f"value = fn(store.current_thread.task, {arguments})")
            self._emit_lower_result(src, slots[-1] if slots else "", "", "")
        src.line("return lowered")
        return src.compile()

    def _emit_lift_params(self, src: Source, slots: list[str]) -> str:
        """Statements, and the expressions of the arguments."""
        if self._are_flat(self._params, self._max_params):
            form = flat_form(self.ptr_type)
            used = slots[: sum(len(form.flat(t)) for t in self._params)]
            items = form.lift_all(src, self._params, used)
            return items.removeprefix("(").removesuffix(")")
        return f"*{self._emit_load(src, TupleType(tuple(self._params)), slots[0])}"

    def _emit_lower_result(self, src: Source, pointer: str, opening: str, closing: str) -> None:
        """Statements that return the core values of the variable `value`."""
        nothing = f"return {opening}{closing}"
        if not self._results:
            src.line(nothing)
            return
        [t] = self._results
        with src.block("try:"):
            if self._are_flat(self._results, self._max_results):
                slots = flat_form(self.ptr_type).lower(src, t, "value")
                src.line(f"return {opening}{', '.join(slots)}{closing}")
            else:
                src.line(f"offset = {pointer}")
                self._memory.emit_check(src, t, "a result pointer")
                self._memory.emit_store(src, t, "value")
                src.line(nothing)
        _catch(src, "mismatch", mismatch, t, "value")

    def _are_flat(self, ts: Sequence[ValType], limit: int) -> bool:
        return len(flatten_types(ts, self.ptr_type)) <= limit

    def _lifter(self, name: str, limit: int) -> LiftValues:
        src = Source(name, "cx", "flat")
        if not self._results:
            src.line("return None")
            return src.compile()
        [t] = self._results
        if self._are_flat([t], limit):
            form = flat_form(self.ptr_type)
            slots = src.locals(len(form.flat(t)))
            src.line(f"{tuple_of(slots)} = flat")
            src.line(f"return {form.lift(src, t, slots)}")
        else:
            src.line(f"return {self._emit_load(src, t, 'flat[0]')}")
        return src.compile()

    def _emit_load(self, src: Source, t: ValType, pointer: str) -> str:
        """Statements and the expression of a value in memory."""
        src.line(f"offset = {pointer}")
        self._memory.emit_check(src, t, "a pointer to values")
        return self._memory.emit_load(src, t)


def _catch(src: Source, hint: str, explain: Any, t: Any, values: str) -> None:
    unfit = src.bind("UNFIT", UNFIT)
    with src.block(f"except {unfit} as error:"):
        src.line(f"raise {src.bind(hint, explain)}({src.bind('t', t)}, {values}, error) from None")


def func_codec(
    ft: FuncType, is_async: bool, side: str, callback: bool = False, ptr_type: str = "i32"
) -> FuncCodec:
    """The codec of a function type.

    `side` is `lift` or `lower`; `callback` says whether an async lift has one.
    """
    return _func_codec(ft, is_async, side, callback, ptr_type)


def task_return_codec(result: ValType | None, ptr_type: str = "i32") -> FuncCodec:
    """The codec whose `lift_task_return` takes a result of this type."""
    return _task_return_codec(result, ptr_type)


def _make_task_return_codec(result: ValType | None, ptr_type: str) -> FuncCodec:
    return FuncCodec(FuncType((), result, True), True, "lift", False, ptr_type)


_func_codec = cached_by_type(FuncCodec)
_task_return_codec = cached_by_type(_make_task_return_codec)

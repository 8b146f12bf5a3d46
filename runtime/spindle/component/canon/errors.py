"""`canon error-context.*`.

Spec: CanonicalABI.md#canon-error-contextnew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.making import Maker, check_leave, i32
from spindle.component.canon.options import CanonicalOptions
from spindle.component.canon.strings import load_string_from_range, store_string
from spindle.component.core import CoreType
from spindle.component.error_context import ErrorContext
from spindle.component.instance import ComponentInstance
from spindle.component.trampoline import Trampoline
from spindle.component.trap import trap_if


def _get(inst: ComponentInstance, index: int) -> ErrorContext:
    check_leave(inst)
    context = inst.handles.get(index)
    trap_if(not isinstance(context, ErrorContext), f"handle {index} is no error context")
    assert isinstance(context, ErrorContext)
    return context


def new_function(inst: ComponentInstance, opts: CanonicalOptions) -> Callable[[int, int], int]:
    """`error-context.new`."""

    def error_context_new(ptr: int, tagged_code_units: int) -> int:
        check_leave(inst)
        message = load_string_from_range(LiftLowerContext(opts, inst, None), ptr, tagged_code_units)
        return inst.handles.add(ErrorContext(message))

    return error_context_new


def debug_message_function(
    inst: ComponentInstance, opts: CanonicalOptions
) -> Callable[[int, int], None]:
    """`error-context.debug-message`."""

    def error_context_debug_message(index: int, ptr: int) -> None:
        message = _get(inst, index).debug_message
        store_string(LiftLowerContext(opts, inst, None), message, ptr)

    return error_context_debug_message


def drop_function(inst: ComponentInstance, _opts: CanonicalOptions) -> Callable[[int], None]:
    """`error-context.drop`."""

    def error_context_drop(index: int) -> None:
        _get(inst, index)
        inst.handles.remove(index)

    return error_context_drop


def _of_options(core_type: CoreType, make: Any) -> Maker:
    """A built-in that needs no more than its instance and options."""
    return lambda inst, _definition, _operands, opts: Trampoline(core_type, make(inst, opts))


ERROR_CONTEXT_BUILTINS: dict[str, Maker] = {
    "error-context.new": _of_options(i32(2), new_function),
    "error-context.debug-message": _of_options(i32(2, 0), debug_message_function),
    "error-context.drop": _of_options(i32(1, 0), drop_function),
}

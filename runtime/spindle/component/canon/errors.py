"""`canon error-context.*`.

Spec: CanonicalABI.md#canon-error-contextnew.
"""

from __future__ import annotations

from collections.abc import Callable

from spindle.component.canon.context import LiftLowerContext
from spindle.component.canon.options import CanonicalOptions
from spindle.component.canon.strings import load_string_from_range, store_string
from spindle.component.error_context import ErrorContext
from spindle.component.instance import ComponentInstance
from spindle.component.trap import trap_if

_MAY_NOT_LEAVE = "the guest calls out of a function that must not (`realloc` or `post-return`)"


def _get(inst: ComponentInstance, index: int) -> ErrorContext:
    trap_if(not inst.may_leave, _MAY_NOT_LEAVE)
    context = inst.handles.get(index)
    trap_if(not isinstance(context, ErrorContext), f"handle {index} is no error context")
    assert isinstance(context, ErrorContext)
    return context


def new_function(inst: ComponentInstance, opts: CanonicalOptions) -> Callable[[int, int], int]:
    """`error-context.new`."""

    def error_context_new(ptr: int, tagged_code_units: int) -> int:
        trap_if(not inst.may_leave, _MAY_NOT_LEAVE)
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

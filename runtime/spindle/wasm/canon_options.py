"""Which canonical options go together, and which a function's types call for.

The core functions that options name are checked against their types when a plan is made.

Spec: CanonicalABI.md#canonopt-validation, #canon-lift, #canon-lower and the built-ins.
"""

from __future__ import annotations

from collections.abc import Iterable

from spindle.wasm.canonical import CanonBuiltin, CanonOptions
from spindle.wasm.facts import FactBook
from spindle.wasm.problems import ValidationError
from spindle.wasm.types import CoreFuncType, FuncType, ModuleType, OpaqueCoreType, ValType

MAX_FLAT_PARAMS = 16
MAX_FLAT_ASYNC_PARAMS = 4
MAX_FLAT_RESULTS = 1
CONTEXT_LENGTH = 2
START_TYPES = (CoreFuncType(("i32",), ()), CoreFuncType(("i64",), ()))


def check_lift(book: FactBook, options: CanonOptions, type: FuncType) -> None:
    """Check the options of `canon lift`."""
    check_together(options)
    if options.is_async:
        check_async(type)
        if options.post_return is not None:
            raise ValidationError("option `post-return` cannot be used with `async`")
    elif options.callback is not None:
        raise ValidationError("option `callback` needs `async`")
    params = [param.type for param in type.params]
    spilled = flat_count(book, params) > MAX_FLAT_PARAMS
    results = result_types(type)
    returned = not options.is_async and flat_count(book, results) > MAX_FLAT_RESULTS
    require_memory(options, returned or uses_memory(book, (*params, *results)) or spilled)
    require_realloc(options, spilled or uses_memory(book, params))


def check_lower(book: FactBook, options: CanonOptions, type: FuncType) -> None:
    """Check the options of `canon lower`."""
    check_together(options)
    only_lifted(options)
    if options.is_async:
        check_async(type)
    params = [param.type for param in type.params]
    results = result_types(type)
    limit = MAX_FLAT_ASYNC_PARAMS if options.is_async else MAX_FLAT_PARAMS
    spilled = flat_count(book, params) > limit
    returned = flat_count(book, results) > (0 if options.is_async else MAX_FLAT_RESULTS)
    require_memory(options, spilled or returned or uses_memory(book, (*params, *results)))
    require_realloc(options, uses_memory(book, results))


def check_builtin(book: FactBook, definition: CanonBuiltin, element: ValType | None) -> None:
    """Check the options of a built-in that copies values of a type, which may be none."""
    options = definition.options
    check_together(options)
    only_lifted(options)
    values = () if element is None else (element,)
    match definition.name:
        case "context.get" | "context.set":
            check_context(definition)
        case "task.return":
            if options.is_async or options.realloc is not None:
                raise ValidationError("`task.return` takes no option but a memory and an encoding")
            spilled = flat_count(book, values) > MAX_FLAT_PARAMS
            require_memory(options, spilled or uses_memory(book, values))
        case "stream.read" | "future.read":
            require_memory(options, bool(values))
            require_realloc(options, uses_memory(book, values))
        case "stream.write" | "future.write":
            require_memory(options, bool(values))
        case "error-context.new":
            require_memory(options, True)
        case "error-context.debug-message":
            require_memory(options, True)
            require_realloc(options, True)


def check_context(definition: CanonBuiltin) -> None:
    """Check the slot of `context.*` and what it holds."""
    if definition.valtype not in ("i32", "i64"):
        raise ValidationError(f"`{definition.name}` takes an `i32` or an `i64`")
    if definition.slot is None or definition.slot >= CONTEXT_LENGTH:
        raise ValidationError(f"`{definition.name}` has the slots 0 and 1, not {definition.slot}")


def check_start_type(type: CoreFuncType | OpaqueCoreType | ModuleType) -> None:
    """Check the type of functions that threads start with."""
    if not (isinstance(type, CoreFuncType) and type in START_TYPES):
        raise ValidationError("a thread starts with a core function that takes an `i32` or `i64`")


def check_together(options: CanonOptions) -> None:
    """Check what holds of any options."""
    if options.realloc is not None and options.memory is None:
        raise ValidationError("option `realloc` needs `memory`")


def only_lifted(options: CanonOptions) -> None:
    """Refuse the options that only `canon lift` takes."""
    if options.post_return is not None:
        raise ValidationError("option `post-return` is for `canon lift` alone")
    if options.callback is not None:
        raise ValidationError("option `callback` is for `canon lift` alone")


def check_async(type: FuncType) -> None:
    """Check that an `async` option goes with an `async` function."""
    if not type.is_async:
        raise ValidationError("option `async` needs a function type that is `async`")


def require_memory(options: CanonOptions, needed: bool) -> None:
    """Check that there is a memory if one is needed."""
    if needed and options.memory is None:
        raise ValidationError("option `memory` is missing")


def require_realloc(options: CanonOptions, needed: bool) -> None:
    """Check that there is a `realloc` if one is needed."""
    if needed and options.realloc is None:
        raise ValidationError("option `realloc` is missing")


def result_types(type: FuncType) -> list[ValType]:
    """The types a function returns: none or one."""
    return [] if type.result is None else [type.result]


def uses_memory(book: FactBook, types: Iterable[ValType]) -> bool:
    """Whether a value of one of these types is partly behind a pointer."""
    return any(book.of(type).uses_memory for type in types)


def flat_count(book: FactBook, types: Iterable[ValType]) -> int:
    """How many core values these types flatten to."""
    return sum(book.of(type).flat for type in types)

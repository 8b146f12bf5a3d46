"""Exported functions as Python's own: with the signature WIT gives them, checked before the call.

Each is generated, so that Python itself binds arguments and says which are missing. Plain numbers
that are plainly right go to the guest as they are, and straight to its core function in a component
that needs nothing of its host (`_quick_lines`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.component.canon.flat_form import flat_form
from spindle.component.canon.scalars import F32_LIMIT, RANGES
from spindle.component.canon.source import Source
from spindle.component.values import Err
from spindle.typed.annotations import Annotations, parameter_name
from spindle.typed.conversion import Conversion, Conversions
from spindle.typed.errors import WitError
from spindle.typed.feeding import awaiting
from spindle.typed.home import Home
from spindle.typed.tracing import traced, traces
from spindle.wasm.spelling import Names, spell_func
from spindle.wasm.types import FuncType, PrimValType, ResultType, ValType

if TYPE_CHECKING:
    from spindle.component.exports import Instance
    from spindle.typed.home import Running


class Export(NamedTuple):
    """One exported function, and where it is found."""

    path: tuple[str, ...]
    """The interface, if it is in one, and its name."""
    label: str
    """What it is called in messages."""
    type: FuncType
    doc: str


class Maker:
    """Makes the functions of one component."""

    def __init__(
        self, home: Home, conversions: Conversions, annotations: Annotations, names: Names
    ) -> None:
        self._home = home
        self._conversions = conversions
        self._annotations = annotations
        self._names = names

    def export(self, path: tuple[str, ...], label: str, ft: FuncType) -> Export:
        """What is to be known of an export."""
        return Export(path, label, ft, f"{label}: {spell_func(ft, self._names)};")

    def function(self, export: Export, name: str, *, method: bool = False) -> Callable[..., Any]:
        """The function that waits for its result."""
        call = self._caller(export)
        names = _parameters(export.type, method)
        src = Source(name, *names)
        if not method and _is_flat(export.type):
            self._quick_lines(src, export, names)
        src.line(f"return {src.bind('_call', call)}(({_listed(names)}))")
        return self._named(src.compile(), export, name, method)

    def constructor(self, export: Export) -> Callable[..., Any]:
        """The `__new__` of a resource's class."""
        call = self._caller(export)
        names = _parameters(export.type, False)
        src = Source("__new__", "cls", *names)
        src.line(f"return {src.bind('_call', call)}(({_listed(names)}))")
        return self._named(src.compile(), export, "__new__", False)

    def awaited(self, export: Export, name: str, *, method: bool = False) -> Callable[..., Any]:
        """The function whose result is awaited."""
        convert, finish = self._around(export)
        home = self._home

        async def call(values: tuple[Any, ...]) -> Any:
            token = awaiting.set(True)
            try:
                home.move()
                args = convert(values)
            finally:
                awaiting.reset(token)
            begin, label = _beginning(export.path, args), export.label
            if not traces:
                return finish(await home.wait(begin, label))
            with traced(label, values) as seen:
                seen.result = finish(await home.wait(begin, label, seen))
                return seen.result

        names = _parameters(export.type, method)
        src = Source(name, *names)
        src.line(f"return {src.bind('_call', call)}(({_listed(names)}))")
        return self._named(src.compile(), export, name, method)

    def _caller(self, export: Export) -> Callable[[tuple[Any, ...]], Any]:
        convert, finish = self._around(export)
        run, path, label = self._home.run, export.path, export.label

        def call(values: tuple[Any, ...]) -> Any:
            args = convert(values)
            if not traces:
                return finish(run(_beginning(path, args), label))
            with traced(label, values) as seen:
                seen.result = finish(run(_beginning(path, args), label, seen))
                return seen.result

        return call

    def _around(
        self, export: Export
    ) -> tuple[Callable[[tuple[Any, ...]], list[Any]], Callable[[Any], Any]]:
        """What is done to arguments before a call, and to the result after it; made when needed."""
        conversions = self._conversions

        @functools.cache
        def made() -> tuple[Any, Any]:
            convert = conversions.arguments(export.type, export.label)
            return convert, _finisher(conversions, export)

        return lambda values: made()[0](values), lambda value: made()[1](value)

    def _quick_lines(self, src: Source, export: Export, names: Sequence[str]) -> None:
        """Statements that call the guest at once, where that can be done."""
        entry = Entry(self._home, export.path)
        ft = export.type
        plain = " and ".join(
            _is_plain(name, p.type) for name, p in zip(names, ft.params, strict=True)
        )
        # WIT has no names that begin with an underscore, but for built-in types it may have any.
        home = self._home
        src.globals |= {"_lock": home.lock, "_entry": entry, "_traces": traces} | _CLASSES
        src.globals["_interrupts"] = home.interrupts
        src.globals["_run"] = functools.partial(self._run_plainly, export)
        with src.block(f"if {' and '.join(filter(None, ['not _traces', plain]))}:"):
            with src.block("if not _entry.possible:"):
                src.line(f"return _run([{', '.join(names)}])")
            self._direct_lines(src, ft, names)

    def _direct_lines(self, src: Source, ft: FuncType, names: Sequence[str]) -> None:
        """Statements that call the core function, unless another thread is there."""
        with src.block("if _lock.acquire(False):"):
            with src.block("try:"):
                flat = (_lowered(n, p.type) for n, p in zip(names, ft.params, strict=True))
                src.line(f"_flat = _entry.call({', '.join(flat)})")
            with src.block("except BaseException as _error:"):
                src.line("raise _entry.failed(_error) from None")
            with src.block("finally:"):
                src.line("_lock.release()")
                with src.block("if _interrupts.active:"):
                    src.line("_interrupts.end()")
            with src.block("if _flat is not None:"):
                if ft.result is None:
                    src.line("return None")
                else:
                    src.line(f"return {flat_form('i32').lift(src, ft.result, ['_flat[0]'])}")

    def _run_plainly(self, export: Export, values: list[Any]) -> Any:
        """Call with values that need no conversion, nor does the result."""
        return self._home.run(_beginning(export.path, values), export.label)

    def _named(
        self, function: Callable[..., Any], export: Export, name: str, method: bool
    ) -> Callable[..., Any]:
        signature = self._annotations.signature(export.type, method=method)
        function.__name__ = function.__qualname__ = name
        function.__module__ = "spindle.typed"
        function.__doc__ = export.doc
        function.__signature__ = signature  # type: ignore[attr-defined]  # as `inspect` asks
        function.__annotations__ = {
            p.name: p.annotation for p in signature.parameters.values() if p.name != "self"
        } | {"return": signature.return_annotation}
        return function


class Entry:
    """The quick way into an instance."""

    __slots__ = ("_home", "_path", "call", "possible")

    def __init__(self, home: Home, path: tuple[str, ...]) -> None:
        self._home = home
        self._path = path
        self.possible = True
        """Whether the way may be open: it is not known before the first call."""
        self.call: Callable[..., Any] = self._first
        """Gives core results; None if it cannot be gone."""
        home.on_lost.append(self._lost)

    def _lost(self) -> None:
        self.call = self._first

    def _first(self, *flat: Any) -> Any:
        call = self._home.quick(self._path)
        if call is None:
            self.possible = False
            return None
        self.call = call
        return call(*flat)

    def failed(self, error: BaseException) -> BaseException:
        """What to raise for an error on the way."""
        return self._home.give_up(error)


def _beginning(path: tuple[str, ...], args: list[Any]) -> Any:
    def begin(instance: Instance, running: Running) -> None:
        instance.func(*path).start(args, running.resolve, running)

    return begin


def _finisher(conversions: Conversions, export: Export) -> Callable[[Any], Any]:
    """What is done to a result: an error of a `result` is raised."""
    t = export.type.result
    if not isinstance(t, ResultType):
        take = conversions.take(t)
        return _same if take is None else take
    ok, error = conversions.take(t.ok), conversions.take(t.error)

    def finish(value: Any) -> Any:
        if isinstance(value, Err):
            raise WitError(_applied(error, value.value), export.label)
        return _applied(ok, value.value)

    return finish


def _applied(convert: Conversion, value: Any) -> Any:
    return value if convert is None else convert(value)


def _same(value: Any) -> Any:
    return value


def _parameters(ft: FuncType, method: bool) -> list[str]:
    names = [parameter_name(param.label) for param in ft.params]
    return ["self", *names[1:]] if method else names


def _listed(names: Sequence[str]) -> str:
    return "".join(f"{name}, " for name in names)


_CLASSES: dict[str, type] = {"_bool": bool, "_float": float, "_int": int}
FLAT = frozenset(RANGES) | {PrimValType.BOOL, PrimValType.F32, PrimValType.F64}
MOST_FLAT = 16


def _is_flat(ft: FuncType) -> bool:
    """Whether only plain numbers pass."""
    results = [ft.result] if ft.result is not None else []
    passed: list[ValType] = [*(param.type for param in ft.params), *results]
    return (
        not ft.is_async
        and len(ft.params) <= MOST_FLAT
        and all(isinstance(t, PrimValType) and t in FLAT for t in passed)
    )


def _is_plain(name: str, t: ValType) -> str:
    """Whether a value is of the very class and in range."""
    match t:
        case PrimValType.BOOL:
            return f"{name}.__class__ is _bool"
        case PrimValType.F64:
            return f"{name}.__class__ is _float"
        case PrimValType.F32:
            return f"{name}.__class__ is _float and -{F32_LIMIT!r} < {name} < {F32_LIMIT!r}"
        case _:
            low, high = RANGES[t]  # type: ignore[index]  # the other primitives are not flat
            return f"{name}.__class__ is _int and {low} <= {name} <= {high}"


def _lowered(name: str, t: ValType) -> str:
    if t in (PrimValType.F32, PrimValType.F64, PrimValType.BOOL):
        return name
    low, _high = RANGES[t]  # type: ignore[index]  # the same
    if low == 0:
        return name
    return f"{name} & {0xFFFF_FFFF_FFFF_FFFF if t is PrimValType.S64 else 0xFFFF_FFFF}"

"""Python functions in place of a component's imports, given from the start or for a block.

Every import is called through here, so that a mock may come and go while an instance lives. What
neither a mock nor WASI provides says so when it is called.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Self

from spindle.component.host import HostFunc, HostInterface, Later, may_block
from spindle.component.imports import Imports
from spindle.component.plan import ImportedFunc
from spindle.component.trap import Trap
from spindle.component.values import Err, Ok, attribute
from spindle.errors import UserError
from spindle.text import counted, nearest_name, quoted_list
from spindle.typed.conversion import Conversions, given
from spindle.typed.errors import ArgumentError, WitError
from spindle.typed.home import Running
from spindle.typed.tracing import traced, traces
from spindle.wasm.names import PlainName, parse_extern_name
from spindle.wasm.types import FuncType, ResultType

Key = tuple[str, str]
"""An import's interface, empty for functions imported by themselves, and its function."""


class UnknownImport(UserError):
    """A mock is of what the component does not import."""

    code = "unknown-import"


class MockFailed(UserError):
    """What a mock gave does not fit the type of what it stands for."""

    code = "mock-failed"


class MockCall(NamedTuple):
    """One call that a mock answered."""

    function: str
    """Its name in WIT."""
    args: tuple[Any, ...]
    result: Any
    """What was answered, or the exception that was raised instead."""


class Importer:
    """The imports of one component and who answers them."""

    def __init__(
        self, imported: Iterable[ImportedFunc], real: Imports, conversions: Conversions
    ) -> None:
        self.funcs: dict[Key, ImportedFunc] = {(f.interface or "", f.name): f for f in imported}
        self._real = real
        self._conversions = conversions
        self._answering: dict[Key, list[Callable[..., Any]]] = {key: [] for key in self.funcs}
        """Who answers each import; the last one does."""

    def imports(self) -> Imports:
        """What instances are linked with."""
        interfaces = dict(self._real.interfaces)
        for name in {name for name, _ in self.funcs}:
            real = self._real.find(name or None) or HostInterface({})
            functions = dict(real.functions)
            for key, func in self.funcs.items():
                if key[0] == name and not _is_over_memory(functions.get(func.name)):
                    functions[func.name] = self._dispatching(key, func, functions.get(func.name))
            interfaces[name] = HostInterface(functions, real.resources)
        return Imports(interfaces, lenient=True)

    def _dispatching(self, key: Key, func: ImportedFunc, real: HostFunc | None) -> HostFunc:
        """What a guest calls: the mock there is now, or what the host has."""
        answering = self._answering[key]
        really = _begun(real) if real is not None else _missing(func)
        convert = Converted(self._conversions, func)

        def dispatch(task: Any, *args: Any) -> Any:
            if not answering and not traces:
                return really(task, *args)
            answer = convert.around(answering[-1]) if answering else really
            if not traces:
                return answer(task, *args)
            depth = 1 if isinstance(task.scope, Running) else 0
            with traced(func.label, convert.shown(args), "import", depth) as seen:
                seen.result = answer(task, *args)
                return seen.result

        return may_block(dispatch) if real is None or _may_wait(real) else dispatch

    def add(self, mocks: Mapping[Key, Callable[..., Any]]) -> None:
        """Have these answer from now on."""
        for key, mock in mocks.items():
            self._answering[key].append(mock)

    def remove(self, mocks: Mapping[Key, Callable[..., Any]]) -> None:
        """Have them answer no more."""
        for key, mock in mocks.items():
            self._answering[key].remove(mock)

    def found(self, interface: str, functions: Mapping[str, Any]) -> dict[Key, Callable[..., Any]]:
        """The imports that mocks of an interface are of; raises `UnknownImport`."""
        names = {name for name, _ in self.funcs if interface in (name, name.partition("@")[0])}
        if not names:
            known = sorted({name.partition("@")[0] for name, _ in self.funcs if name})
            raise _unknown(f"the component imports no interface `{interface}`", interface, known)
        made: dict[Key, Callable[..., Any]] = {}
        for name, mock in functions.items():
            of_these = [key for key in self.funcs if key[0] in names]
            found = {key: mock for key in of_these if name in (key[1], python_name(key[1]))}
            if not found and isinstance(mock, type):
                found = dict(_of_class(of_these, name, mock))
            if not found:
                known = sorted(python_name(label) for _, label in of_these)
                what = f"the component imports no function `{name}`"
                raise _unknown(f"{what} of `{interface}`" if interface else what, name, known)
            made |= found
        for key, mock in made.items():
            self._check(key, mock)
        return made

    def _check(self, key: Key, mock: Any) -> None:
        interface = self._real.find(key[0] or None)
        real = interface.functions.get(key[1]) if interface else None
        if _is_over_memory(real):
            raise UnknownImport(f"`{key[1]}` works on its caller's memory: it cannot be mocked")
        if inspect.iscoroutinefunction(mock) and real is not None and not _may_wait(real):
            hint = "give a plain function instead of an `async` one"
            raise UnknownImport(f"`{key[1]}` answers at once: nobody waits for it", hints=(hint,))


class Converted:
    """A mock as a host function: it takes and gives what people have."""

    def __init__(self, conversions: Conversions, func: ImportedFunc) -> None:
        self._conversions = conversions
        self._func = func

    def shown(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Arguments as people have them."""
        takes = [self._conversions.take(param.type) for param in self._func.type.params]
        pairs = zip(takes, args, strict=True)
        return tuple(arg if take is None else take(arg) for take, arg in pairs)

    def around(self, mock: Callable[..., Any]) -> HostFunc:
        """The host function."""

        def call(_task: Any, *args: Any) -> Any:
            try:
                made = mock(*self.shown(args))
            except WitError as error:
                return self._error(error)
            return Later(self._later(made)) if inspect.isawaitable(made) else self._given(made)

        return call

    async def _later(self, coming: Any) -> Any:
        try:
            return self._given(await coming)
        except WitError as error:
            return self._error(error)

    def _error(self, error: WitError) -> Any:
        t = self._func.type.result
        if not isinstance(t, ResultType):
            raise MockFailed(f"the mock of `{self._func.label}` raised what it cannot: {error}")
        return self._fitting(self._func.type, Err(error.payload))

    def _given(self, value: Any) -> Any:
        ft = self._func.type
        if ft.result is None:
            return None
        if isinstance(ft.result, ResultType) and not isinstance(value, Ok | Err):
            value = Ok(value)
        return self._fitting(ft, value)

    def _fitting(self, ft: FuncType, value: Any) -> Any:
        assert ft.result is not None
        prefix = f"the mock of `{self._func.label}` gave: "
        try:
            return given(ft.result, self._conversions.give(ft.result), value, prefix)
        except ArgumentError as error:
            raise MockFailed(error.message) from None


class Mock:
    """A context manager: within its block a component's imports are answered by functions."""

    def __init__(self, importer: Importer, interface: str, functions: Mapping[str, Any]) -> None:
        self.calls: list[MockCall] = []
        """The calls answered, in order."""
        self._interface = interface
        self._importer = importer
        found = importer.found(interface, functions)
        self._mocks = {key: self._keeping(key[1], mock) for key, mock in found.items()}

    def _keeping(self, function: str, mock: Any) -> Callable[..., Any]:
        answer = mock if callable(mock) else lambda *_args: mock

        def call(*args: Any) -> Any:
            try:
                result = answer(*args)
            except BaseException as error:
                self.calls.append(MockCall(function, args, error))
                raise
            self.calls.append(MockCall(function, args, result))
            return result

        return call

    def called(self, function: str | None = None) -> list[MockCall]:
        """The calls of one function, or of all."""
        return [
            call
            for call in self.calls
            if function is None or function in (call.function, python_name(call.function))
        ]

    def assert_called(self, function: str | None = None, times: int | None = None) -> None:
        """Fail unless it was called, or called so many times."""
        count = len(self.called(function))
        if count == 0 if times is None else count != times:
            what = self._interface if function is None else f"{self._interface}#{function}"
            wanted = "" if times is None else f" {counted(times, 'time')}"
            was = counted(count, "time")
            raise AssertionError(f"`{what}` was to be called{wanted}, and was called {was}")

    def __enter__(self) -> Self:
        self._importer.add(self._mocks)
        return self

    def __exit__(self, *_error: object) -> None:
        self._importer.remove(self._mocks)


def python_name(label: str) -> str:
    """A function's label as an argument's name: `[method]store.get-keys` is `store_get_keys`."""
    return label.rpartition("]")[2].replace("-", "_").replace(".", "_").lower()


def _of_class(keys: Iterable[Key], resource: str, cls: type) -> Iterable[tuple[Key, Any]]:
    """A resource's functions by those of a class."""
    for key in keys:
        parsed = parse_extern_name(key[1])
        if isinstance(parsed, PlainName) and parsed.resource is not None:
            if resource not in (parsed.resource, python_name(parsed.resource)):
                continue
            if parsed.kind == "constructor":
                yield key, cls
            elif parsed.kind == "static":
                yield key, getattr(cls, attribute(parsed.label))
            else:
                yield key, _method(attribute(parsed.label))


def _method(name: str) -> Callable[..., Any]:
    return lambda resource, *args: getattr(resource, name)(*args)


def _begun(real: HostFunc) -> HostFunc:
    """A host function that is no `async def`."""
    if not inspect.iscoroutinefunction(real):
        return real
    return lambda task, *args: Later(real(task, *args))


def _missing(func: ImportedFunc) -> HostFunc:
    def missing(_task: Any, *_args: Any) -> Any:
        where = f"imports={{{(func.interface or func.name)!r}: …}}"
        raise Trap(
            f"the component called its import `{func.label}`, which nobody provides; "
            f"give it with `{where}` or `mock`"
        )

    return missing


def _may_wait(real: HostFunc) -> bool:
    return inspect.iscoroutinefunction(real) or bool(getattr(real, "may_block", False))


def _is_over_memory(real: HostFunc | None) -> bool:
    return bool(getattr(real, "over_memory", False))


def _unknown(problem: str, name: str, known: list[str]) -> UnknownImport:
    near = nearest_name(name, known)
    hint = f"did you mean `{near}`?" if near else f"there is {quoted_list(known)}"
    return UnknownImport(problem, hints=(hint,) if known else ())

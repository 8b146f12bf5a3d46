"""Python functions in place of what guests import, for a block.

What guests import of a host in this process is looked up here at each call, so a mock begins and
ends while the host serves. Instances are renewed at both ends: none has seen both worlds.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from spindle.component.canon.mismatch import check_value
from spindle.component.host import HostFunc, Later
from spindle.component.known_types import known_type
from spindle.errors import UserError
from spindle.factors.interposing import observed
from spindle.factors.recording import note
from spindle.text import counted, nearest_name, quoted_list
from spindle.typed.tracing import traced, traces

Key = tuple[str, str]
"""An interface with its version, and a function of it."""


class MockError(UserError):
    """A mock is of what there isn't, or failed itself."""

    code = "wrong-mock"


class MockCall(NamedTuple):
    """One call that a mock answered."""

    function: str
    """Its name in WIT."""
    args: tuple[Any, ...]
    """Lifted values."""
    result: Any
    """What was answered, or the exception that was raised instead."""
    component: str
    """The component that called."""


class Mocks:
    """The mocks of one host, and all that could be mocked."""

    def __init__(self, renew: Callable[[], None]) -> None:
        self._renew = renew
        """Has what is asked from now on answered by new instances."""
        self._real: dict[Key, HostFunc] = {}
        self._active: dict[Key, list[HostFunc]] = {}
        """What stands in a function's place; the last one answers."""
        self._begun: list[Mock] = []

    def interpose(self, interface: str, func: str, real: HostFunc) -> HostFunc:
        """What guests call instead of a function of the host, or of a copy of its state."""
        key = interface, func
        self._real.setdefault(key, real)
        active = self._active.setdefault(key, [])

        def instead(task: Any, *args: Any) -> Any:
            answering = active[-1] if active else real
            if traces:
                return traced_import(f"{interface}#{func}", answering, task, args)
            return answering(task, *args)

        return instead

    def find(self, interface: str, function: str) -> list[Key]:
        """The functions that a mock is of, one for each version; raises `MockError`."""
        found = [key for key in self._real if interface in (key[0], _bare(key[0]))]
        if not found:
            known = sorted({_bare(name) for name, _ in self._real})
            near = nearest_name(interface, known)
            raise MockError(
                f"the host has no interface `{interface}`",
                hints=(f"did you mean `{near}`?",) if near else (),
            )
        keys = [key for key in found if function in (key[1], python_name(key[1]))]
        if not keys:
            names = sorted({python_name(func) for _, func in found})
            near = nearest_name(function, names)
            hint = f"did you mean `{near}`?" if near else f"it has {quoted_list(names)}"
            raise MockError(f"`{interface}` has no function `{function}`", hints=(hint,))
        return keys

    def check(self, key: Key, function: Any) -> None:
        """Raise what keeps a function from standing in another's place."""
        real = self._real[key]
        if getattr(real, "over_memory", False):
            raise MockError(f"`{key[1]}` works on its caller's memory, which a mock has not")
        if inspect.iscoroutinefunction(function) and not _may_wait(real):
            raise MockError(
                f"`{key[1]}` answers at once: guests can't wait for it",
                hints=("give a plain function instead of an `async` one",),
            )

    def begin(self, mock: Mock) -> None:
        """Have guests call a mock's functions."""
        if mock not in self._begun:
            self._begun.append(mock)
            for key, function in mock.functions.items():
                self._active[key].append(function)
            self._renew()

    def end(self, mock: Mock) -> None:
        """Have guests call a mock's functions no more."""
        if mock in self._begun:
            self._begun.remove(mock)
            for key, function in mock.functions.items():
                self._active[key].remove(function)
            self._renew()

    def end_all(self) -> None:
        """Have guests call the host alone."""
        for mock in self._begun[:]:
            self.end(mock)


class Wanted(Protocol):
    """Runs something on the event loop of a host, and waits for it."""

    def __call__(self, function: Callable[..., None], *args: Any) -> None: ...


class Mock:
    """A context manager: within its block, guests get these functions' answers.

    What a function raises is raised at the end of the block too, as `MockError`.
    """

    def __init__(
        self, mocks: Mocks, on_loop: Wanted, interface: str, functions: Mapping[str, Any]
    ) -> None:
        self.interface = interface
        self.calls: list[MockCall] = []
        """The calls answered, in order."""
        self._mocks = mocks
        self._on_loop = on_loop
        self.functions = dict(self._found(functions))
        """What guests call, by what they call it in place of."""
        self.failed: Exception | None = None
        """What a function raised first."""

    def _found(self, functions: Mapping[str, Any]) -> Iterator[tuple[Key, HostFunc]]:
        if not functions:
            raise MockError("a mock needs functions", hints=("write `now=lambda: …`",))
        for name, function in functions.items():
            for key in self._mocks.find(self.interface, name):
                self._mocks.check(key, function)
                yield key, Stub(self, key, function)

    def called(self, function: str | None = None) -> list[MockCall]:
        """The calls of one function, or of all."""
        return [call for call in self.calls if function in (None, *_names(call.function))]

    def assert_called(self, function: str | None = None, times: int | None = None) -> None:
        """Fail unless it was called, or called so many times."""
        __tracebackhide__ = True
        count = len(self.called(function))
        if count == 0 if times is None else count != times:
            wanted = "" if times is None else f" {counted(times, 'time')}"
            raise AssertionError(
                f"`{self._name(function)}` was to be called{wanted}, and was called "
                f"{counted(count, 'time')}"
            )

    def assert_not_called(self, function: str | None = None) -> None:
        """Fail if it was called."""
        __tracebackhide__ = True
        self.assert_called(function, 0)

    def assert_called_with(self, function: str, *args: Any) -> None:
        """Fail unless one call had these arguments."""
        __tracebackhide__ = True
        calls = self.called(function)
        if not any(call.args == args for call in calls):
            seen = "\n".join(f"  {call.args!r}" for call in calls[:10]) or "  no call"
            raise AssertionError(
                f"`{self._name(function)}` was not called with {args!r}, but with\n{seen}"
            )

    def __repr__(self) -> str:
        return f"<Mock {self.interface}: {counted(len(self.calls), 'call')}>"

    def _name(self, function: str | None) -> str:
        return self.interface if function is None else f"{self.interface}#{function}"

    def start(self) -> Self:
        """Begin to answer, until `stop`."""
        self._on_loop(self._mocks.begin, self)
        return self

    def stop(self) -> None:
        """Answer no more; once is enough."""
        self._on_loop(self._mocks.end, self)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        failed, self.failed = self.failed, None
        if failed is not None and error is None:
            message = f"a mock of `{self.interface}` failed: {type(failed).__name__}: {failed}"
            raise MockError(message) from failed


class Stub:
    """What guests call in place of one function: answers as a person has it, and notes it."""

    def __init__(self, mock: Mock, key: Key, function: Any) -> None:
        self._mock = mock
        self._interface, self._name = key
        self._answer = function if callable(function) else lambda *_args: function
        self._type = known_type(*key)

    def __call__(self, task: Any, *args: Any) -> Any:
        task.inst.state.touched = True
        began = time.perf_counter_ns()

        def settle(result: Any) -> Any:
            call = MockCall(self._name, args, result, task.inst.state.component_id)
            self._mock.calls.append(call)
            note(task, self._interface, self._name, args, result, began)
            return result

        async def later(coming: Awaitable[Any]) -> Any:
            try:
                return settle(self._checked(await coming))
            except Exception as error:
                self._mock.failed = self._mock.failed or settle(error)
                raise

        try:
            result = self._answer(*args)
            if inspect.isawaitable(result):
                return Later(later(result))
            return settle(self._checked(result))
        except Exception as error:
            self._mock.failed = self._mock.failed or settle(error)
            raise

    def _checked(self, result: Any) -> Any:
        """What is answered; raises `ValueTypeError` for what its type in WIT is not."""
        if self._type is None:
            return result
        if self._type.result is None:
            return None
        check_value(self._type.result, result, f"`{self._name}` answers: ")
        return result


def python_name(func: str) -> str:
    """A function's name as an argument's: `[method]store.get-keys` is `store_get_keys`."""
    return func.rpartition("]")[2].replace("-", "_").replace(".", "_")


def _names(func: str) -> tuple[str, str]:
    return func, python_name(func)


def _bare(interface: str) -> str:
    return interface.partition("@")[0]


def _may_wait(real: HostFunc) -> bool:
    return asyncio.iscoroutinefunction(real) or getattr(real, "may_block", False)


def traced_import(label: str, function: HostFunc, task: Any, args: tuple[Any, ...]) -> Any:
    """Have a function answer a guest, and keep that in the traces that are open."""
    began = time.perf_counter()
    with traced(label, args, "import") as call:
        pass  # it begins here; how it ends is told below, perhaps later

    def ended(result: Any) -> None:
        call.result, call.took = result, time.perf_counter() - began

    def failed(error: BaseException) -> None:
        call.error, call.took = error, time.perf_counter() - began

    call.took = None
    return observed(lambda: function(task, *args), ended, failed)

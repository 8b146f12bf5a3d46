"""What an instance exports: functions to call.

A call begins with `Func.start` and ends when it tells its result; in between the store runs,
driven by its queue or, in `Func.call`, by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeAlias

from spindle.component import core
from spindle.component.canon.func_codec import func_codec
from spindle.component.canon.mismatch import check_arguments
from spindle.component.host import HostFuncInst
from spindle.component.instance import ComponentInstance
from spindle.component.plan import ExportedFunc, ExportedInstance, ExportPlan
from spindle.component.store import DEADLOCK, Store, stand_in
from spindle.component.task import FuncInst, OnCancel, OnResolve, OnStart
from spindle.component.thread import Thread
from spindle.component.trap import Trap
from spindle.errors import ComponentError
from spindle.wasm.types import FuncType

Exports: TypeAlias = Mapping[str, ExportPlan]
CoreFunc: TypeAlias = Callable[[int], core.Extern | None]
"""Gives the core function of a function that needs nothing but it, by its number in the plan."""


class Instance:
    """A running component: a store and what it exports."""

    __slots__ = ("_found", "exports", "inst", "store")

    def __init__(
        self,
        plan: Exports,
        store: Store,
        inst: ComponentInstance,
        funcs: list[FuncInst],
        core_func: CoreFunc | None = None,
    ) -> None:
        self.store = store
        self.inst = inst
        """The root component instance."""
        self.exports = exported(plan, inst, funcs, core_func or _no_core_func)
        """Functions by name, and those of exported interfaces by interface, then name."""
        self._found: dict[tuple[str, ...], Func] = {}

    def func(self, *path: str) -> Func:
        """An exported function: `func("run")`, `func("wasi:cli/run@0.2.0", "run")`."""
        func = self._found.get(path)
        if func is None:
            func = self._found[path] = self._find(path)
        return func

    def _find(self, path: tuple[str, ...]) -> Func:
        found: Any = self.exports
        for name in path:
            if not isinstance(found, Mapping) or name not in found:
                raise ComponentError(f"the component exports no function `{'#'.join(path)}`")
            found = found[name]
        if not isinstance(found, Func):
            raise ComponentError(f"the component's export `{'#'.join(path)}` is no function")
        return found

    def close(self) -> None:
        """Free everything; what still runs is unwound."""
        self.store.close()


def exported(
    plans: Exports, inst: ComponentInstance, funcs: list[FuncInst], core_func: CoreFunc
) -> dict[str, Any]:
    """Exports by name, instances as dictionaries."""

    def func(name: str, plan: ExportedFunc) -> Func:
        callee = callable_by_host(inst, funcs[plan.func])
        return Func(name, plan.type, inst.store, callee, lambda: core_func(plan.func))

    return {
        name: exported(plan.exports, inst, funcs, core_func)
        if isinstance(plan, ExportedInstance)
        else func(name, plan)
        for name, plan in plans.items()
    }


def _no_core_func(_number: int) -> None:
    return None


def callable_by_host(inst: ComponentInstance, func: FuncInst) -> FuncInst:
    """A function as the host may call it: its own that a component exports again needs a task."""
    if not isinstance(func, HostFuncInst):
        return func

    def callee(
        on_start: OnStart, on_resolve: OnResolve, _caller: Thread | None, scope: Any
    ) -> OnCancel:
        thread = stand_in(inst)
        thread.task.scope = scope
        with inst.store.lent_to(thread):
            return func(on_start, on_resolve, thread, scope)

    return callee


class Func:
    """An exported function of an instance."""

    __slots__ = ("_callee", "_core_func", "name", "store", "type")

    def __init__(
        self,
        name: str,
        type: FuncType,
        store: Store,
        callee: FuncInst,
        core_func: Callable[[], core.Extern | None],
    ) -> None:
        self.name = name
        self.type = type
        self.store = store
        self._callee = callee
        self._core_func = core_func

    def __repr__(self) -> str:
        return f"<Func {self.name}>"

    def start(self, args: list[Any], on_resolve: OnResolve, scope: Any = None) -> OnCancel | None:
        """Begin a call; `on_resolve` is told its result, a trap goes to the store's `on_failure`.

        `scope` is for host functions, as `task.scope`.
        """
        return self.store.invoke(self._callee, lambda: args, on_resolve, scope)

    def direct(self, on_slice: Callable[[int], object]) -> Callable[..., Any] | None:
        """Its core function, to be called with core values at a fraction of the cost.

        None unless its instance can call nothing of the host's. While it runs nothing else of the
        instance may; `on_slice` is told of each time slice that has ended, by its number. Raises
        `CoreTrap`.
        """
        function = self._core_func()
        if function is None or self.type.is_async:
            return None
        core_type = func_codec(self.type, False, "lift").core_type
        return self.store.core.direct(function, core_type, on_slice)

    def call(self, *args: Any, scope: Any = None) -> Any:
        """Call and run the instance until there is a result; a trap is raised.

        Arguments that do not fit are a `ValueTypeError` before the guest is entered.
        For functions that wait for nothing outside the instance.
        """
        made = self.calling(*args, scope=scope)
        while True:
            try:
                next(made)
            except StopIteration as stop:
                return stop.value

    def calling(self, *args: Any, scope: Any = None) -> Generator[None, None, Any]:
        """`call` in steps that take a time slice at most; what it returns is the result."""
        store = self.store
        if store.closed:
            raise ComponentError(f"`{self.name}` cannot be called: its instance is closed")
        if store.failure is not None:
            raise Trap("the instance has trapped before and cannot be entered again")
        check_arguments(self.type, args)
        while not store.idle and store.run():
            yield
        results: list[Any] = []
        store.begin(self._callee, lambda: list(args), results.append, scope)
        while not results and store.run(lambda: results):
            if not results:
                yield
        if store.failure is None and not results:
            if store.pending:
                raise ComponentError(f"`{self.name}` waits for the host; start it on an event loop")
            store.fail(Trap(DEADLOCK))
        if store.failure is not None:
            raise store.failure
        result = results[0]
        return result[0] if result else None

"""Host functions that wait, called in every way, on an event loop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from spindle.component import core
from spindle.component.component import Compiler, Component
from spindle.component.exports import Instance
from spindle.component.host import HostInterface, Later, may_block
from spindle.component.imports import Imports
from spindle.component.run_queue import RunQueue, Ticker

FILE = Path(__file__).parent / "host" / "waits.wat"
SEEDS = [None, 1, 2, 3, 4]


@pytest.fixture(scope="module")
def component() -> Component:
    compiler = Compiler(core.Engine(), None)
    Ticker().add(compiler.engine)
    return Component.load(core.wat_to_wasm(FILE.read_text()), compiler)


class Host:
    """Answers each call with one more than it is given, in no particular order."""

    def __init__(self, seed: int | None) -> None:
        self._random = random.Random(seed)
        self.begun = 0
        self.cancelled = 0
        self.always_blocks = False

    async def wait(self, _task: Any, n: int) -> int:
        self.begun += 1
        if n == 666:
            raise ValueError("not that one")
        try:
            for _ in range(1_000_000 if n >= 1_000 else self._random.randrange(4)):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return n + 1

    @may_block
    def block(self, task: Any, n: int) -> Any:
        blocks = self.always_blocks or self._random.random() < 0.7
        return Later(self.wait(task, n)) if blocks else n + 1


Test = Callable[[Instance, Host], Coroutine[Any, Any, None]]


def run(component: Component, seed: int | None, test: Test) -> None:
    async def main() -> None:
        host = Host(seed)
        functions = {"wait": host.wait, "block": may_block(lambda task, n: host.block(task, n))}
        imports = Imports({"test:host/api": HostInterface(functions)})
        queue = RunQueue(asyncio.get_running_loop())
        instance = component.instantiate(imports, queue=queue, seed=seed)
        try:
            await test(instance, host)
        finally:
            instance.close()

    asyncio.run(asyncio.wait_for(main(), 60))


async def call(instance: Instance, name: str, n: int) -> Any:
    """The result of a call; None if it was cancelled."""
    return await begin(instance, name, n)[0]


def begin(instance: Instance, name: str, n: int) -> tuple[asyncio.Future[Any], Any]:
    """A call's result to come, and what cancels it."""
    future = asyncio.get_running_loop().create_future()

    def resolve(result: tuple[Any, ...] | None) -> None:
        if not future.done():
            future.set_result(None if result is None else result[0])

    def fail(error: BaseException) -> None:
        if not future.done():
            future.set_exception(error)

    instance.store.on_failure = fail
    return future, instance.func(name).start([n], resolve)


async def idle(instance: Instance) -> None:
    while not instance.store.idle:  # noqa: ASYNC110  # no event tells of it
        await asyncio.sleep(0)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_call_after_the_other(component: Component, seed: int | None) -> None:
    async def test(instance: Instance, _host: Host) -> None:
        for n in range(10):
            assert await call(instance, "wait", n) == n + 1
            assert await call(instance, "wait-stackful", n) == n + 1
            assert await call(instance, "block", n) == n + 1
            assert await call(instance, "block-twice", n) == n + 2
            assert await call(instance, "two", n) == n * 11 + 2
            assert await call(instance, "patient", n) == n + 1

    run(component, seed, test)


@pytest.mark.parametrize("seed", SEEDS)
def test_many_calls_at_once(component: Component, seed: int | None) -> None:
    expected = {"wait": (1, 1), "wait-stackful": (1, 1), "two": (11, 2), "patient": (1, 1)}
    blocking = {"block": (1, 1), "block-twice": (1, 2)}

    async def test(instance: Instance, _host: Host) -> None:
        pending = []
        for n in range(40):
            for name, (factor, more) in (expected | blocking).items():
                future, _ = begin(instance, name, n)
                pending.append((future, name, n * factor + more))
        for future, name, value in pending:
            assert (name, await future) == (name, value)

    run(component, seed, test)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guest_cancels_its_call(component: Component, seed: int | None) -> None:
    async def test(instance: Instance, host: Host) -> None:
        assert await call(instance, "cancel", 1_000) == 4
        assert host.cancelled <= host.begun
        assert await call(instance, "wait", 1) == 2

    run(component, seed, test)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_host_cancels_a_call(component: Component, seed: int | None) -> None:
    async def test(instance: Instance, host: Host) -> None:
        futures = [begin(instance, "patient", 1_000 + n) for n in range(5)]
        await idle(instance)
        for future, cancel in futures:
            cancel(None)
            assert await future is None
        assert not instance.store.pending
        assert await call(instance, "patient", 1) == 2

    run(component, seed, test)


@pytest.mark.parametrize("seed", SEEDS)
def test_calls_that_come_while_a_guest_is_held_wait_for_it(
    component: Component, seed: int | None
) -> None:
    async def test(instance: Instance, host: Host) -> None:
        host.always_blocks = True
        first, _ = begin(instance, "block", 1)
        assert not instance.store.idle
        second, _ = begin(instance, "wait", 2)
        third, cancel = begin(instance, "wait", 3)
        cancel(None)
        assert [await future for future in (first, second, third)] == [2, 3, None]

    run(component, seed, test)


def test_an_exception_of_the_host_arrives_as_itself(component: Component) -> None:
    async def test(instance: Instance, _host: Host) -> None:
        with pytest.raises(ValueError, match="not that one"):
            await call(instance, "two", 666)
        assert isinstance(instance.store.failure, ValueError)

    run(component, None, test)


def test_an_instance_can_be_closed_while_its_guests_wait(component: Component) -> None:
    async def test(instance: Instance, host: Host) -> None:
        for name in ("wait", "wait-stackful", "two", "patient", "patient"):
            begin(instance, name, 1_000)
        await idle(instance)
        instance.close()
        await asyncio.sleep(0)
        assert host.cancelled == host.begun

    run(component, None, test)


def test_a_guest_can_be_stopped_while_it_waits(component: Component) -> None:
    async def test(instance: Instance, _host: Host) -> None:
        future, _ = begin(instance, "two", 1_000)
        await idle(instance)
        instance.store.fail(TimeoutError("too long"))
        with pytest.raises(TimeoutError):
            await future

    run(component, None, test)

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import signal
import threading
import traceback
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from spindle.component.trap import Trap
from spindle.errors import ComponentError, UserError
from spindle.limits import DEFAULT
from spindle.typed import (
    ArgumentError,
    MockFailed,
    ReenteredError,
    UnknownExport,
    UnknownImport,
    UnusableResource,
    WitError,
    component,
    trace,
)

ZOO = Path(__file__).with_name("zoo.wat")
HOST = "test:zoo/host"


@pytest.fixture
def zoo() -> Iterator[Any]:
    with component(ZOO) as c:
        yield c


class Coming:
    def __await__(self) -> Iterator[Any]:
        raise AssertionError("nobody awaits it")


# Functions.


def test_functions_have_signatures_and_docs(zoo: Any) -> None:
    assert str(inspect.signature(zoo.flows.sum_words)).startswith("(words: ")
    assert str(inspect.signature(zoo.counters.Counter)) == "(start: int) -> spindle.typed.Counter"
    assert str(inspect.signature(zoo.quick)) == "(n: int) -> int"
    assert zoo.quick.__doc__ == "quick: func(n: u32) -> result<u32, string>;"
    assert "counters" in dir(zoo)
    assert "next: func() -> u32" in repr(zoo)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-1, "int -1"),
        (2**32, "int 4294967296"),
        (1.5, "float 1.5"),
        ("1", "str '1'"),
        (None, "None"),
    ],
)
def test_arguments_are_checked_before_the_call(zoo: Any, value: Any, said: str) -> None:
    with pytest.raises(ArgumentError, match="`quick`: parameter `n`: expected u32, got ") as caught:
        zoo.quick(value)
    assert str(caught.value).endswith(said)
    assert zoo.calls() == 1  # the instance is as good as new


def test_names_that_are_not_there(zoo: Any) -> None:
    with pytest.raises(UnknownExport, match="did you mean `quick`"):
        zoo.quikc(1)
    with pytest.raises(UnknownExport, match=r"`test:zoo/flows@1\.2\.0` has no `sums`"):
        zoo.flows.sums(b"")
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'n'"):
        zoo.quick()
    assert not hasattr(zoo, "nothing")


def test_interfaces_by_their_names_in_wit(zoo: Any) -> None:
    assert zoo["test:zoo/flows"] is zoo.flows
    assert zoo["test:zoo/flows@1.2.0"] is zoo.flows
    assert zoo["calls"]() == 1


def test_a_trap_costs_the_instance_and_no_more(zoo: Any) -> None:
    counter = zoo.counters.Counter(1)
    assert zoo.calls() == 1
    with pytest.raises(Trap, match="unreachable") as caught:
        zoo.fault()
    assert caught.value.__notes__ == ["  in fault"]
    assert zoo.calls() == 1
    with pytest.raises(UnusableResource, match="gone with the instance"):
        counter.next()


def test_closed(zoo: Any) -> None:
    assert zoo.calls() == 1
    zoo.close()
    with pytest.raises(ComponentError, match="closed"):
        zoo.calls()


def test_a_function_outlives_the_component_it_was_taken_from() -> None:
    function = component(ZOO).calls
    gc.collect()
    assert function() == 1


def test_an_endless_call_is_stopped_by_its_limit() -> None:
    with component(ZOO, limits=DEFAULT._replace(max_cpu_time=0.05)) as c:
        with pytest.raises(Trap, match="computes for too long"):
            c.spin()
        assert c.calls() == 1


def test_an_endless_call_is_interrupted(zoo: Any) -> None:
    zoo.calls()
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        zoo.spin()
    timer.join()
    assert zoo.calls() == 1


def test_an_interrupt_in_the_first_time_slice_is_not_lost() -> None:
    with component(ZOO, limits=DEFAULT._replace(max_cpu_time=30)) as c:
        c.calls()
        for _ in range(20):
            begins = threading.Event()
            interrupting = threading.Thread(target=_interrupt_after, args=(begins,))
            interrupting.start()
            with pytest.raises(KeyboardInterrupt):
                _spin_from(begins, c)
            interrupting.join()
        assert c.calls()


def test_an_interrupt_in_a_finalizer_is_not_lost(zoo: Any) -> None:
    zoo.calls()
    came: list[str] = []

    def interrupted(phase: str, _info: object) -> None:
        functions = {frame.f_code.co_name for frame, _line in traceback.walk_stack(None)}
        if not came and "func_inst" in functions:
            came.append(phase)
            signal.raise_signal(signal.SIGINT)

    before = gc.get_threshold()
    gc.callbacks.append(interrupted)
    gc.set_threshold(1)
    try:
        with pytest.raises(KeyboardInterrupt):
            zoo.spin()
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(interrupted)
    assert came


def _spin_from(begins: threading.Event, c: Any) -> None:
    begins.set()
    c.spin()


def _interrupt_after(begins: threading.Event) -> None:
    begins.wait()
    os.kill(os.getpid(), signal.SIGINT)


def test_calls_from_many_threads(zoo: Any) -> None:
    results: list[int] = []
    threads = [
        threading.Thread(target=lambda: results.extend(zoo.calls() for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == list(range(1, 81))


# Resources.


def test_a_resource_is_freed_at_the_end_of_its_block(zoo: Any) -> None:
    with zoo.counters.Counter(4) as counter:
        assert [counter.next(), counter.next()] == [5, 6]
        assert zoo.counters.destroyed() == 0
    assert zoo.counters.destroyed() == 1
    with pytest.raises(UnusableResource, match="this Counter was dropped"):
        counter.next()
    counter.drop()
    assert zoo.counters.destroyed() == 1


def test_a_resource_is_freed_when_nobody_refers_to_it(zoo: Any) -> None:
    counter = zoo.counters.Counter.of(4)
    assert counter.next() == 5
    del counter
    gc.collect()
    assert zoo.counters.destroyed() == 1


def test_a_resource_that_was_given_away_is_gone(zoo: Any) -> None:
    counter = zoo.counters.Counter(7)
    assert zoo.counters.take(counter) == 7
    with pytest.raises(UnusableResource, match="given away"):
        zoo.counters.take(counter)
    assert zoo.counters.destroyed() == 1


def test_resources_are_of_their_class_and_component(zoo: Any) -> None:
    with pytest.raises(
        ArgumentError, match="`take`: parameter `counter`: expected Counter, got int"
    ):
        zoo.counters.take(3)
    with component(ZOO) as other, pytest.raises(ArgumentError, match="expected Counter"):
        other.counters.take(zoo.counters.Counter(1))


# Imports.


def test_an_import_nobody_provides_is_named_when_it_is_called(zoo: Any) -> None:
    with pytest.raises(
        Trap, match=r"its import `test:zoo/host@1\.2\.0#quick`, which nobody provides"
    ):
        zoo.quick(1)


def test_imports_given_from_the_start() -> None:
    with component(ZOO, imports={HOST: {"quick": lambda n: n * 2}}) as c:
        assert c.quick(21) == 42


def test_a_mock_for_a_block(zoo: Any) -> None:
    zoo.calls()
    with zoo.mock(HOST, quick=lambda n: n + 1) as mock:
        assert zoo.quick(1) == 2
    assert [(call.function, call.args, call.result) for call in mock.calls] == [("quick", (1,), 2)]
    mock.assert_called("quick", times=1)
    with pytest.raises(AssertionError, match="to be called 2 times, and was called 1 time"):
        mock.assert_called("quick", times=2)
    assert zoo.calls() == 2  # the same instance


def test_errors_of_results_are_raised_on_both_sides(zoo: Any) -> None:
    def refuse(_n: int) -> int:
        raise WitError("not today")

    with zoo.mock(HOST, quick=refuse), pytest.raises(WitError, match="not today") as caught:
        zoo.quick(1)
    assert caught.value.payload == "not today"


def test_what_a_mock_raises_comes_out_of_the_call(zoo: Any) -> None:
    def fail(_n: int) -> int:
        raise ZeroDivisionError("mine")

    with zoo.mock(HOST, quick=fail), pytest.raises(ZeroDivisionError, match="mine"):
        zoo.quick(1)


def test_what_a_mock_gives_is_checked(zoo: Any) -> None:
    said = "the mock of `test:zoo/host@1.2.0#quick` gave: Ok: expected u32, got str 'x'"
    with zoo.mock(HOST, quick=lambda _n: "x"), pytest.raises(MockFailed, match=said):
        zoo.quick(1)


def test_mocks_of_what_is_not_imported(zoo: Any) -> None:
    with pytest.raises(UnknownImport, match="imports no interface `test:zoo/hots`") as caught:
        zoo.mock("test:zoo/hots", quick=1)
    assert caught.value.hints == ("did you mean `test:zoo/host`?",)
    with pytest.raises(UnknownImport, match="no function `quack`"):
        zoo.mock(HOST, quack=1)


def test_a_mock_that_takes_its_time(zoo: Any) -> None:
    async def slow(n: int) -> int:
        await asyncio.sleep(0)
        return n + 1

    with zoo.mock(HOST, slow=slow):
        assert [zoo.slow(n) for n in range(3)] == [1, 2, 3]
    with zoo.mock(HOST, slow=lambda n: n * 2):
        assert zoo.slow(4) == 8


def test_a_component_that_calls_itself_through_a_mock(zoo: Any) -> None:
    with zoo.mock(HOST, quick=lambda _n: zoo.calls()), pytest.raises(ReenteredError, match="calls"):
        zoo.quick(1)
    assert zoo.calls() == 1


# Streams and futures.


def test_streams_of_a_guest(zoo: Any) -> None:
    assert list(zoo.flows.source(10, 4)) == [b"\0\1\2\3", b"\4\5\6\7", b"\x08\x09"]
    assert zoo.flows.source(10, 100).read() == bytes(range(10))
    with zoo.flows.source(100, 1) as stream:
        assert next(stream) == b"\0"
    assert list(stream) == []
    assert zoo.calls() == 1


@pytest.mark.parametrize(
    "given",
    [b"\1\2\3", bytearray(b"\1\2\3"), [1, 2, 3], iter([b"\1\2", b"", b"\3"]), iter([1, 2, 3])],
)
def test_streams_given_to_a_guest(zoo: Any, given: Any) -> None:
    assert zoo.flows.sum(given) == 6


def test_streams_of_items(zoo: Any) -> None:
    assert zoo.flows.sum_words([1, 2, 300]) == 303
    assert zoo.flows.sum_words(n * n for n in range(4)) == 14
    with pytest.raises(ArgumentError, match="an item of the stream: expected u32, got int -1"):
        zoo.flows.sum_words([1, -1])
    with pytest.raises(ArgumentError, match="expected stream<u32>, got int"):
        zoo.flows.sum_words(3)


def test_a_stream_passed_on(zoo: Any) -> None:
    stream = zoo.flows.source(5, 2)
    assert zoo.flows.sum(stream) == 10
    with pytest.raises(ArgumentError, match="given away"):
        zoo.flows.sum(stream)


def test_futures_given_to_a_guest(zoo: Any) -> None:
    assert zoo.flows.settle(5) == 5
    with pytest.raises(ArgumentError, match=r"to an awaited call only: use `\.aio`"):
        zoo.flows.settle(Coming())


# Awaited calls.


def test_awaited_calls(zoo: Any) -> None:
    async def slow(n: int) -> int:
        await asyncio.sleep(0)
        return n + 1

    async def numbers() -> AsyncIterator[int]:
        for n in range(4):
            await asyncio.sleep(0)
            yield n

    async def main() -> None:
        loop = asyncio.get_running_loop()
        coming: asyncio.Future[int] = loop.create_future()
        loop.call_soon(coming.set_result, 7)
        assert await zoo.aio.flows.settle(coming) == 7
        assert await zoo.aio.flows.sum_words(numbers()) == 6
        assert await zoo.counters.Counter(1).aio.next() == 2
        stream = await zoo.aio.flows.source(5, 3)
        assert [chunk async for chunk in stream] == [b"\0\1\2", b"\3\4"]
        with zoo.mock(HOST, slow=slow):
            assert await asyncio.gather(*map(zoo.aio.slow, range(3))) == [1, 2, 3]
        with pytest.raises(Trap, match="unreachable"):
            await zoo.aio.fault()

    asyncio.run(main())
    assert zoo.calls() == 1  # from here, where it now lives on another thread


def test_an_awaited_call_that_is_cancelled(zoo: Any) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(zoo.aio.spin(), 0.1)
        assert await zoo.aio.calls() == 1

    asyncio.run(main())


# The rest.


def test_a_trace(zoo: Any) -> None:
    with zoo.mock(HOST, quick=lambda n: n), trace() as seen:
        zoo.quick(4)
        zoo.calls()
    zoo.calls()
    assert [(call.function, call.args, call.direction) for call in seen] == [
        ("quick", (4,), "export"),
        ("test:zoo/host@1.2.0#quick", (4,), "import"),
        ("calls", (), "export"),
    ]
    assert all(call.took is not None for call in seen)


@pytest.mark.parametrize("text", [b"(component", b"(component (func))", b"; nothing"])
def test_text_that_is_no_component(text: bytes) -> None:
    with pytest.raises(ComponentError, match="the text is no component"):
        component(text)


def test_files_that_are_no_components(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read the component"):
        component(tmp_path / "missing.wasm")
    (tmp_path / "nonsense.wasm").write_bytes(b"nonsense")
    with pytest.raises(ComponentError):
        component(tmp_path / "nonsense.wasm")


def test_python_s_door() -> None:
    import spindle

    assert spindle.component(ZOO).calls() == 1
    assert spindle.component(ZOO).calls() == 1  # also once the package of that name is there

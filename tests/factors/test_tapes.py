"""What hosts tell guests, recorded and told again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.component.columns import Column, Rows
from spindle.component.ends import HostFuture, ItemsSource
from spindle.component.host import Later
from spindle.component.values import Err, Ok, Some, Variant
from spindle.factors import HttpError, Timeouts
from spindle.factors.state import Clock, Entropy
from spindle.factors.streaming import Elements, streamed
from spindle.factors.tapes import Player, Recorder
from spindle.factors.tapes.told import by_tape
from spindle.factors.tapes.values import StandIn, keep_streams, read, written
from spindle.messages import Body, Request, Response

KEY_VALUE = "spin:key-value/key-value@3.0.0"
STORE = SimpleNamespace(label="default")

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.binary(),
    lambda inner: st.lists(inner)
    | st.lists(inner).map(tuple)
    | inner.map(Ok)
    | inner.map(Err)
    | inner.map(Some)
    | st.tuples(st.text(), inner).map(lambda pair: Variant(*pair))
    | st.frozensets(st.text()),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_values_come_back(value: Any) -> None:
    again = read(json.loads(json.dumps(written(value))))
    assert again == value
    assert type(again) is type(value)


def test_infinite_numbers_come_back() -> None:
    assert read(json.loads(json.dumps(written([float("inf"), -0.0])))) == [float("inf"), -0.0]


def test_rows_and_maps_come_back_as_lists() -> None:
    rows = Rows([Column("integer", [1, None]), Column("text", ["a", "b"])])
    assert read(written(rows)) == [
        [Variant("integer", 1), Variant("text", "a")],
        [Variant("db-null"), Variant("text", "b")],
    ]
    assert read(written({"a": b"b"})) == [("a", b"b")]


def test_resources_come_back_as_stand_ins() -> None:
    stand_in = read(written(STORE))
    assert isinstance(stand_in, StandIn)
    assert stand_in.label == "default"
    stand_in.anything.whatever(1)


def test_streams_come_back_whole() -> None:
    async def items() -> Any:
        yield [1, 2]
        yield [3]

    async def run() -> Any:
        result = streamed(items(), lambda error: error)
        assert keep_streams(result)
        elements, _ = result
        assert elements.producer is not None
        await elements.producer
        return json.loads(json.dumps(written(result)))

    elements, outcome = read(asyncio.run(run()))
    assert isinstance(elements, ItemsSource)
    assert elements.take(10) == [1, 2, 3]
    assert outcome.known == (Ok(None),)
    assert read(written(HostFuture())).known is None
    assert read(written(Elements())).take(1) == []


def test_nothing_odd_is_read() -> None:
    for said in ({"x": 1}, {"bytes": 1}, {"ok": 1, "err": 2}, {}):
        with pytest.raises((ValueError, TypeError)):
            read(said)


def task() -> Any:
    return SimpleNamespace(scope=None, inst=SimpleNamespace(state=SimpleNamespace(tape=None)))


def again(recorder: Recorder) -> Player:
    return Player(json.loads(json.dumps(recorder.to_json())))


def asking(tape: Any, *answers: Any) -> list[Any]:
    """What a function of a store says through a tape, called once for each answer it has."""
    left = list(answers)

    def real(_task: Any, _store: Any, _key: str) -> Any:
        return left.pop(0)

    caller = task()
    caller.inst.state.tape = tape
    function = by_tape(KEY_VALUE, "[method]store.get", real)
    return [function(caller, STORE, "k") for _ in answers]


def test_answers_come_in_the_order_of_then() -> None:
    recorder = Recorder()
    said = asking(recorder, Ok(b"1"), Ok(None), Err("io"))
    player = again(recorder)
    assert asking(player, *[AssertionError] * 3) == said
    assert player.surprises == []
    assert player.unasked == []


def test_answers_that_come_later_do_so_too() -> None:
    async def late() -> Ok:
        return Ok(b"late")

    async def run() -> None:
        recorder = Recorder()
        (later,) = asking(recorder, Later(late()))
        assert await later.awaitable == Ok(b"late")
        assert asking(again(recorder), None) == [Ok(b"late")]

    asyncio.run(run())


def test_where_there_is_no_answer_it_is_an_error_and_said() -> None:
    recorder = Recorder()
    asking(recorder, Ok(b"1"))
    player = again(recorder)
    _, surplus = asking(player, None, None)
    assert surplus == Err(("other", "the recording has no answer to this"))
    assert [it[:3] for it in player.surprises] == [
        (KEY_VALUE, "[method]store.get", ["default", "k"])
    ]
    assert [it.unasked for it in again(recorder).unasked] == [True]


def test_functions_that_tell_nothing_of_the_world_go_by_no_tape() -> None:
    def real(_task: Any) -> int:
        return 1

    for interface in ("wasi:http/types@0.3.0", "wasi:io/streams@0.2.6", "spin:key-valuex/a"):
        assert by_tape(interface, "f", real) is real


def test_passwords_are_not_recorded() -> None:
    recorder = Recorder()
    caller = task()
    caller.inst.state.tape = recorder
    for interface, func, args in (
        ("spin:redis/redis@3.0.0", "[static]connection.open", ("redis://u:pw-1@h",)),
        ("spin:redis/redis@3.0.0", "[method]connection.execute", (STORE, "AUTH", ["pw-2"])),
        ("spin:postgres/postgres@4.0.0", "open", ("host=h password=pw-3 user=u",)),
        ("spin:mqtt/mqtt@3.0.0", "[static]connection.open", ("mqtt://h", "u", "pw-4", 5)),
    ):
        by_tape(interface, func, lambda *_: Ok(None))(caller, *args)
    said = json.dumps(recorder.to_json())
    assert "pw-" not in said
    assert "redis://u:***@h" in said


def test_times_and_chance_are_those_of_then() -> None:
    recorder = Recorder()
    clock, entropy = recorder.clock(Clock()), recorder.entropy(Entropy())
    said = [clock.monotonic(), clock.wall(), clock.monotonic(), entropy.read(3), entropy.read(5)]
    for _ in range(2):
        player = again(recorder)
        clock, entropy = player.clock(Clock()), player.entropy(Entropy())
        told = [clock.monotonic(), clock.wall(), clock.monotonic(), entropy.read(3)]
        assert [*told, entropy.read(5)] == said
        assert player.exhausted == ()
    other = again(recorder).entropy(Entropy())
    other.read(8)
    assert entropy.read(9) == other.read(9)
    assert clock.monotonic() > int(str(said[2]))
    assert player.exhausted == ("clock", "random")


def test_waits_end_at_once_and_in_order() -> None:
    async def run() -> list[int]:
        recorder = Recorder()
        recorder.clock(Clock()).monotonic()
        clock = again(recorder).clock(Clock())
        now, ended, done = clock.instant(), list[int](), asyncio.Event()
        for seconds in (3600, 60, 1):
            clock.call_at(now + seconds * 10**9, lambda s=seconds: ended.append(s))  # type: ignore[misc]  # its default is how it knows
        clock.call_at(now + 7200 * 10**9, done.set)
        await asyncio.wait_for(done.wait(), 60)
        assert clock.instant() >= now + 7200 * 10**9
        return ended

    assert asyncio.run(run()) == [1, 60, 3600]


Answer = Callable[[Request, Timeouts], Awaitable[Response]]


async def sent(tape: Any, real: Answer, path: str = "/") -> Any:
    request = Request("POST", "http", "u:secret@host", path, [], Body.of(b"asked"))
    try:
        response = await tape.send_http(real)(request, Timeouts())
        body = await response.body.read_all()
    except HttpError as error:
        return error.code
    return response.status, response.headers, body, response.body.trailers


async def nobody(_request: Request, _timeouts: Timeouts) -> Response:
    raise AssertionError("the network is not asked")


def test_responses_are_those_of_then() -> None:
    async def respond(_request: Request, _timeouts: Timeouts) -> Response:
        return Response(418, [(b"a", b"\xff")], Body.of(b"tea\xff", [(b"t", b"1")]))

    async def run() -> None:
        recorder = Recorder()
        said = await sent(recorder, respond)
        assert said == (418, [(b"a", b"\xff")], b"tea\xff", [(b"t", b"1")])
        player = again(recorder)
        assert await sent(player, nobody) == said
        assert (await sent(player, nobody, "/other"))[0] == "internal-error"
        assert player.surprises[0].args == ["POST", "http://host/other"]
        assert "secret" not in json.dumps(recorder.to_json())

    asyncio.run(run())


def test_failures_are_those_of_then() -> None:
    async def refuse(_request: Request, _timeouts: Timeouts) -> Response:
        raise HttpError("DNS-error", ("NXDOMAIN", 3), reason="no such host")

    async def cut(_request: Request, _timeouts: Timeouts) -> Response:
        body = Body()
        body.feed(b"par")
        body.fail(HttpError("connection-terminated"))
        return Response(200, [], body)

    async def run() -> None:
        for real, code in (
            (refuse, ("DNS-error", ("NXDOMAIN", 3))),
            (cut, ("connection-terminated", None)),
        ):
            recorder = Recorder()
            assert await sent(recorder, real) == code
            assert await sent(again(recorder), nobody) == code

    asyncio.run(run())


def test_what_is_too_much_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spindle.factors.tapes.recorder.MOST_BYTES", 100)
    recorder = Recorder()
    monkeypatch.undo()
    asking(recorder, Ok(b"small"), Ok(b"x" * 1000), Ok(b"small"))
    assert recorder.truncated
    player = again(recorder)
    small, none, again_small = asking(player, None, None, None)
    assert small == again_small == Ok(b"small")
    assert isinstance(none, Err)
    assert len(player.surprises) == 1


@pytest.mark.parametrize(
    "recorded",
    [[], {}, {"answers": 1}, {"answers": [{}]}, {"answers": [], "environment": [1]}],
)
def test_what_is_no_recording_is_said(recorded: Any) -> None:
    with pytest.raises(ValueError, match="this is no recording"):
        Player(recorded)

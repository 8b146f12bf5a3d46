import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.client.endpoints import linked, run, serving, until

from spindle.client import CallFailed, Event, HostUnreachable, Link, RunFile, encode_message
from spindle.client.framing import BODY_LIMIT
from spindle.client.link import MOST_WAITING


def texts(events: list[Event]) -> list[object]:
    return [event.data for event in events]


@pytest.mark.parametrize("unix", [True, False], ids=["unix", "tcp"])
def test_calls_are_answered_as_they_are_done(tmp_path: Path, unix: bool) -> None:
    async def main() -> None:
        async with serving(tmp_path, unix=unix) as served, linked(served) as link:
            waiting = asyncio.ensure_future(link.call("wait"))
            assert [await link.call("double", {"number": n}) for n in (1, 2)] == [2, 4]
            assert not waiting.done()
            served.released.set()
            assert await waiting == "released"

    run(main())


def test_a_failed_call_says_why_and_the_link_goes_on(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, linked(served) as link:
            with pytest.raises(CallFailed, match="there is no method `nothing`") as failed:
                await link.call("nothing")
            assert failed.value.number == -32601
            with pytest.raises(CallFailed, match="`prefix` must be a text"):
                await anext(link.events("follow", {"prefix": 1}))
            assert await link.call("double", {"number": 3}) == 6

    run(main())


def test_events_come_in_order_and_as_they_are_read(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, linked(served) as link:
            stream = link.events("follow", {"prefix": "b"})
            await stream.start()
            served.log("b1", "a1", "b2")
            assert texts(await anext(stream)) == ["b1", "b2"]
            served.log("b3")
            assert texts(await anext(stream)) == ["b3"]

    run(main())


def test_streams_of_one_link_are_kept_apart(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, linked(served) as link:
            streams = [link.events("follow", {"prefix": prefix}) for prefix in ("a", "b", "")]
            await asyncio.gather(*(stream.start() for stream in streams))
            served.log("a", "b")
            found = [texts(await anext(stream)) for stream in streams]
            assert found == [["a"], ["b"], ["a", "b"]]

    run(main())


def test_a_stream_that_is_closed_costs_the_host_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, linked(served) as link:
            stream = link.events("follow")
            await stream.start()
            assert served.bus.heard
            await stream.aclose()
            assert [batch async for batch in stream] == []
            await until(lambda: not served.bus.heard)

    run(main())


def test_whoever_gives_up_while_subscribing_is_told_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, linked(served) as link:
            starting = asyncio.ensure_future(link.events("follow").start())
            await asyncio.sleep(0)
            starting.cancel()
            await until(lambda: served.bus.heard)
            served.log("x")
            await until(lambda: not served.bus.heard)

    run(main())


def test_a_link_that_ends_ends_its_subscriptions(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served:
            async with linked(served) as link:
                await link.events("follow").start()
                assert served.bus.heard
            assert await link.closed is None
            await until(lambda: not served.bus.heard and not served.endpoint.peers)
            with pytest.raises(HostUnreachable, match="is closed"):
                await link.call("double", {"number": 1})

    run(main())


def test_when_the_host_ends_all_that_waits_is_told(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served:
            link = await Link.open(served.run_file)
            stream = link.events("follow")
            await stream.start()
            waiting = asyncio.ensure_future(link.call("wait"))
            await asyncio.sleep(0)
            served.log("the last words")
        assert [texts(events) async for events in stream] == [["the last words"]]
        with pytest.raises(HostUnreachable, match="does not answer"):
            await waiting
        assert isinstance(await link.closed, HostUnreachable)
        with pytest.raises(HostUnreachable):
            await link.call("double", {"number": 1})
        await link.close()
        with pytest.raises(HostUnreachable, match="no host answers"):
            await Link.open(served.run_file)

    run(main())


def test_a_call_is_waited_for_no_longer_than_it_may_take(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, linked(served) as link:
            with pytest.raises(HostUnreachable, match=r"does not answer `wait` within 0\.01 s"):
                await link.call("wait", timeout=0.01)
            served.released.set()
            assert await link.call("double", {"number": 1}) == 2

    run(main())


def test_who_reads_too_slowly_loses_the_oldest_and_is_told(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path, most=10**6) as served, linked(served) as link:
            stream = link.events("follow")
            await stream.start()
            for number in range(0, MOST_WAITING + 500, 500):
                served.log(*(str(n) for n in range(number, number + 500)))
                await until(partial(_has, stream, number + 499))
            first, *rest = await anext(stream)
            assert (first.kind, first.data) == ("dropped", {"count": 500})
            assert texts(rest) == [str(n) for n in range(500, MOST_WAITING + 500)]

    run(main())


def _has(stream: Any, newest: int) -> bool:
    """Whether what happened has come, read or not."""
    return bool(stream._events) and stream._events[-1].data == str(newest)


def test_the_wrong_token_is_not_answered(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served:
            for token in ("", "guess", "ü\udc80"):
                with pytest.raises(HostUnreachable, match="does not answer"):
                    await Link.open(served.run_file._replace(token=token))

    run(main())


def test_too_much_at_once_is_not_sent_and_not_answered(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, linked(served) as link:
            with pytest.raises(CallFailed, match="`double` can't be given"):
                await link.call("double", {"number": "x" * BODY_LIMIT})
            with pytest.raises(CallFailed, match="more than can be sent at once"):
                await link.call("blob", {"size": BODY_LIMIT})
            assert len(await link.call("blob", {"size": BODY_LIMIT // 16})) == BODY_LIMIT // 16

    run(main())


SAYS = [
    b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n",
    b"Content-Length: 5\r\n\r\n[1,2]Content-Length: 4\r\n\r\nnull",
    b"Content-Length: 9\r\n\r\nno json..",
    b"Content-Length: 99999999999\r\n\r\n",
    encode_message({"method": "events", "params": {}}),
    encode_message({"method": "events", "params": {"subscription": [], "events": 3}}),
    b"\0" * 5000,
    b"",
]


@pytest.mark.parametrize("says", SAYS)
def test_what_is_no_host_is_no_host(tmp_path: Path, says: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.readuntil(b"}")
            writer.write(says)
            writer.close()

    async def main() -> None:
        path = tmp_path / "x.sock"
        async with await asyncio.start_unix_server(answer, path):
            with pytest.raises(HostUnreachable):
                await Link.open(RunFile(1, "0", "/a", "", f"unix:{path}", "t"))

    run(main())


@pytest.mark.parametrize("endpoint", ["", "tcp:", "tcp:127.0.0.1:x", "unix:", "unix:/nowhere"])
def test_an_endpoint_that_leads_nowhere(endpoint: str) -> None:
    async def main() -> None:
        with pytest.raises(HostUnreachable, match="no host answers"):
            await Link.open(RunFile(1, "0", "/a", "", endpoint, "t"))

    run(main())


def test_a_host_that_is_silent(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        finally:
            writer.close()

    async def main() -> None:
        path = tmp_path / "x.sock"
        async with await asyncio.start_unix_server(silent, path):
            with pytest.raises(HostUnreachable, match=r"nothing within 0\.05 s"):
                await Link.open(RunFile(1, "0", "/a", "", f"unix:{path}", "t"), timeout=0.05)

    run(main())

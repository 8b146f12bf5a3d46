"""What becomes of front ends that do not read."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.client.endpoints import Serving, linked, run, serving, until

from spindle.client import Decoder, Event, encode_message

LINE = "x" * 1000


class Deaf:
    """A front end that says things, and reads only when told to."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._decoder = Decoder()

    async def say(self, method: str, **params: object) -> None:
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        await asyncio.get_running_loop().sock_sendall(self._wire, encode_message(message))

    async def read(self) -> list[dict[str, object]]:
        """The messages that are complete with the next bytes."""
        data = await asyncio.get_running_loop().sock_recv(self._wire, 1 << 20)
        assert data, "the host hung up"
        return [m for m in self._decoder.feed(data) if isinstance(m, dict)]


@asynccontextmanager
async def deaf(served: Serving) -> AsyncIterator[Deaf]:
    with socket.socket(socket.AF_UNIX) as wire:
        wire.setblocking(False)
        await asyncio.get_running_loop().sock_connect(
            wire, served.run_file.endpoint.removeprefix("unix:")
        )
        peer = Deaf(wire)
        await peer.say("initialize", token=served.run_file.token, protocol=1)
        yield peer


def buffered(served: Serving) -> int:
    """Bytes that the host keeps for front ends."""
    transports = [peer._transport for peer in served.endpoint.peers]
    return sum(t.get_write_buffer_size() for t in transports if t is not None)


def test_who_does_not_read_gets_the_newest_and_is_told_of_the_loss(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path, most=50) as served, deaf(served) as peer:
            await peer.say("follow")
            await until(lambda: served.bus.heard)
            total = 0
            while not any(not each._writable for each in served.endpoint.peers):
                served.log(*(f"{total + n} {LINE}" for n in range(100)))
                total += 100
                await asyncio.sleep(0.06)
            for _ in range(10):
                served.log(*(f"{total + n} {LINE}" for n in range(500)))
                total += 500
                await asyncio.sleep(0.06)
            assert buffered(served) < 2_000_000
            events: list[Event] = []
            while not events or not str(events[-1].data).startswith(f"{total - 1} "):
                for message in await peer.read():
                    params = message.get("params")
                    if isinstance(params, dict):
                        events += [Event(**event) for event in params["events"]]
            lost = sum(e.data["count"] for e in events if e.kind == "dropped")
            told = [int(str(e.data).split()[0]) for e in events if e.kind != "dropped"]
            assert lost > 4000
            assert lost + len(told) == total
            assert told == sorted(told)

    run(main())


def test_who_asks_and_does_not_read_is_asked_no_more(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, deaf(served) as peer:
            asking = asyncio.ensure_future(ask_on(peer))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asking, 0.5)
            assert buffered(served) < 1_000_000
            # Others are answered meanwhile, and the host ends in time.
            async with linked(served) as link:
                assert await link.call("double", {"number": 1}) == 2

    run(main())


async def ask_on(peer: Deaf) -> None:
    while True:
        await peer.say("blob", size=100_000)


def test_calls_beyond_what_is_answered_at_once_wait_and_are_answered(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, linked(served) as link:
            calls = [asyncio.ensure_future(link.call("wait")) for _ in range(300)]
            last = asyncio.ensure_future(link.call("double", {"number": 1}))
            await asyncio.sleep(0.05)
            assert not last.done()
            served.released.set()
            assert await last == 2
            assert await asyncio.gather(*calls) == ["released"] * 300

    run(main())


def test_subscriptions_of_one_connection_are_bounded(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, linked(served) as link:
            answers = await asyncio.gather(
                *(link.events("follow").start() for _ in range(150)), return_exceptions=True
            )
            refused = [each for each in answers if each is not None]
            assert len(refused) == 50
            assert all("subscriptions are enough" in str(each) for each in refused)

    run(main())


def test_an_event_too_large_to_tell_counts_as_lost(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served, linked(served) as link:
            stream = link.events("follow")
            await stream.start()
            served.log("before", "x" * (70 << 20), "after")
            found: list[object] = []
            while "after" not in found:
                found += [e.data for e in await anext(stream)]
            assert found == ["before", {"count": 1}, "after"]

    run(main())

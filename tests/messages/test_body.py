"""A body hands on the bytes it was fed, however they are read, and says when to pause."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.messages import HIGH_WATER, Body, BodyError

LIMITS = st.one_of(st.just(-1), st.integers(1, 10))


@given(st.lists(st.binary(max_size=20)), st.lists(LIMITS), st.data())
def test_bytes_come_out_as_they_went_in(
    chunks: list[bytes], limits: list[int], data: st.DataObject
) -> None:
    body = Body()
    read = b""
    feeds = iter(chunks)
    for limit in limits:
        if data.draw(st.booleans()):
            body.feed(next(feeds, b""))
        piece = body.read_nowait(limit)
        assert piece is None or limit < 0 or len(piece) <= limit
        read += piece or b""
    for chunk in feeds:
        body.feed(chunk)
    body.finish([(b"a", b"b")])
    while piece := body.read_nowait(3):
        read += piece
    assert read == b"".join(chunks)
    assert body.at_end
    assert body.buffered == 0
    assert body.trailers == [(b"a", b"b")]


def test_a_whole_body_knows_its_size() -> None:
    body = Body.of(b"abc")
    assert (body.size, body.ended, body.read_nowait(), body.read_nowait()) == (3, True, b"abc", b"")


def test_backpressure() -> None:
    body, drained = Body(), []
    body.on_drained = lambda: drained.append(body.buffered)
    body.feed(b"x" * HIGH_WATER)
    assert not body.wants_more
    body.read_nowait(1)
    assert body.wants_more
    body.read_nowait(1)
    assert drained == [HIGH_WATER - 1]


def test_a_failed_body_is_read_up_to_its_failure() -> None:
    body = Body()
    body.feed(b"abc")
    body.fail(BodyError("cut"))
    body.finish()
    assert body.read_nowait() == b"abc"
    with pytest.raises(BodyError, match="cut"):
        body.read_nowait()


def test_cancelling_tells_the_producer_once_and_drops_everything() -> None:
    body, told = Body(), []
    body.on_cancelled = lambda: told.append(True)
    body.feed(b"abc")
    body.cancel()
    body.cancel()
    body.feed(b"def")
    assert (told, body.buffered, body.wants_more, body.read_nowait()) == ([True], 0, False, None)


def test_cancelling_a_whole_body_tells_nobody() -> None:
    body, told = Body.of(b"abc"), []
    body.on_cancelled = lambda: told.append(True)
    body.cancel()
    assert not told


def test_reading_waits_for_the_producer() -> None:
    async def run() -> bytes:
        body = Body()
        reading = asyncio.ensure_future(body.read_all())
        for chunk in (b"a", b"b"):
            await asyncio.sleep(0)
            body.feed(chunk)
        await asyncio.sleep(0)
        body.finish()
        return await reading

    assert asyncio.run(run()) == b"ab"


def test_reading_all_of_too_much() -> None:
    with pytest.raises(BodyError, match="larger than 2 bytes"):
        asyncio.run(Body.of(b"abc").read_all(2))

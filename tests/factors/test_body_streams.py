"""What a guest reads of a body: all its bytes, as many at a time as there are and fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spindle.component.buffer import HostReadBuffer
from spindle.component.ends import HostFuture
from spindle.component.stream import CopyResult
from spindle.component.values import Ok
from spindle.factors.wasi.http.body03 import BodyStream
from spindle.messages import Body


class Reader:
    """Reads a stream as a guest does, one buffer after another."""

    def __init__(self, body: Body) -> None:
        self.trailers = HostFuture()
        self.stream = BodyStream(body, self.trailers)
        self.got = b""
        self.dropped = False

    def read(self, room: int) -> int | None:
        """How many bytes came at once; None if the read waits, which is given up."""
        buffer = HostReadBuffer(room)
        results: list[CopyResult] = []
        self.stream.read(None, buffer, lambda _: None, results.append)
        if not results:
            self.stream.cancel()
            return None
        self.dropped = results == [CopyResult.DROPPED]
        came = b"".join(map(bytes, buffer.take()))
        self.got += came
        return len(came)


@given(st.lists(st.binary(max_size=12)), st.lists(st.integers(0, 20)), st.data())
def test_all_that_fits_is_read_at_once(
    chunks: list[bytes], rooms: list[int], data: st.DataObject
) -> None:
    body = Body()
    reader = Reader(body)
    feeds = iter(chunks)
    there = 0
    for room in rooms:
        if data.draw(st.booleans()):
            chunk = next(feeds, b"")
            body.feed(chunk)
            there += len(chunk)
        came = reader.read(room)
        assert came == (min(there, room) if there else None)
        there -= came or 0
    for chunk in feeds:
        body.feed(chunk)
    body.finish()
    while not reader.dropped:
        reader.read(7)
    assert reader.got == b"".join(chunks)
    seen = HostReadBuffer(1)
    reader.trailers.read(None, seen, lambda _: None)
    assert seen.take() == [(Ok(None),)]


def test_parts_of_a_large_chunk_are_read_uncopied_and_handed_on_as_bytes() -> None:
    body = Body.of(b"a" * 10)
    assert isinstance(body.view_nowait(4), memoryview)
    reader = Reader(body)
    assert reader.read(4) == 4
    assert body.read_nowait() == b"aa"

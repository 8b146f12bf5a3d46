import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.client import Decoder, FramingError, encode_message
from spindle.client.framing import BODY_LIMIT, HEAD_LIMIT

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v, max_size=3)
)
messages = st.dictionaries(st.text(max_size=5), json_values, max_size=3)


@given(st.lists(messages, max_size=4), st.data())
def test_messages_survive_however_their_bytes_arrive(
    sent: list[dict[str, object]], data: st.DataObject
) -> None:
    wire = b"".join(map(encode_message, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    decoder = Decoder()
    received: list[object] = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        received += decoder.feed(wire[start:end])
    assert received == sent


def test_byte_by_byte() -> None:
    message = {"method": "host/info", "ü": 1}
    decoder = Decoder()
    received = [m for b in encode_message(message) for m in decoder.feed(bytes([b]))]
    assert received == [message]


def test_other_headers_are_skipped() -> None:
    body = json.dumps({"a": 1}).encode()
    head = b"Content-Type: application/json\r\ncontent-length:  %d \r\n\r\n" % len(body)
    assert list(Decoder().feed(head + body)) == [{"a": 1}]


@pytest.mark.parametrize(
    "wire",
    [
        b"GET / HTTP/1.1\r\nhost: a\r\n\r\n",
        b"Content-Length: x\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: %d\r\n\r\n" % (BODY_LIMIT + 1),
        b"Content-Length: 3\r\n\r\nabc",
        b"x" * HEAD_LIMIT,
    ],
)
def test_what_is_no_message(wire: bytes) -> None:
    with pytest.raises(FramingError):
        list(Decoder().feed(wire))

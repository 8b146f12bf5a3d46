"""Exchanges as bytes, made at little cost when they finish, and made documents when they are read.

What is packed is the state of an `Exchange`, not its document: converting that takes several times
as long, and most exchanges are never looked at. MessagePack, with a type of its own for each of
the record's classes. What can't be packed so, and documents from elsewhere, are JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import MsgspecError, Raw
from msgspec.msgpack import Decoder, Encoder, Ext

from spindle.exchange.record import (
    Body,
    Call,
    Exchange,
    Frame,
    HttpInput,
    HttpOutput,
    Json,
    Secret,
    Traceback,
    Trap,
    Write,
    call_documents,
    log_documents,
    plain_json,
)

STATE = (
    "id", "trigger", "target", "component", "build", "parent", "replay_of", "instance", "input",
    "output", "trap", "took", "calls", "writes", "_began", "_marks", "_skipped",
    "traceback",
)  # fmt: skip
"""What is packed of an exchange, in this order; only ever added to at its end."""


class _Class(NamedTuple):
    """How objects of a class are packed."""

    code: int
    parts: tuple[str, ...]
    restore: Callable[..., object]
    """Makes an object again of its parts, in their order."""


def _body(size: int, kept: int, data: bytes) -> Body:
    body = Body()
    body.size, body.kept, body._chunks = size, kept, [data]
    return body


def _input(*parts: Any) -> HttpInput:
    *head, body = parts
    request = HttpInput(*head)
    request.body = body
    return request


def _output(status: int, headers: Any, body: Body, trailers: Any) -> HttpOutput:
    response = HttpOutput(status, headers)
    response.body, response.trailers = body, trailers
    return response


_CLASSES = {
    Body: _Class(1, ("size", "kept", "data"), _body),
    HttpInput: _Class(
        2, ("method", "scheme", "authority", "path_with_query", "headers", "body"), _input
    ),
    HttpOutput: _Class(3, ("status", "headers", "body", "trailers"), _output),
    Secret: _Class(4, ("name",), Secret),
}
_BY_CODE = {one.code: one for one in _CLASSES.values()}


def _packing(classes: dict[type, tuple[int, Callable[[Any], object]]]) -> Encoder:
    def pack_object(value: object) -> object:
        if (known := classes.get(type(value))) is None:
            return repr(value)
        code, parts = known
        return Ext(code, encoder.encode(parts(value)))

    encoder = Encoder(enc_hook=pack_object)
    return encoder


def _one(name: str) -> Callable[[Any], object]:
    part = attrgetter(name)
    return lambda value: (part(value),)


_state = attrgetter(*STATE)
_PARTS = {
    kind: (one.code, attrgetter(*one.parts) if len(one.parts) > 1 else _one(one.parts[0]))
    for kind, one in _CLASSES.items()
}
_whole = _packing(_PARTS)
_bare = _packing({**_PARTS, Body: (_CLASSES[Body].code, lambda body: (body.size, 0, b""))})


def pack(exchange: Exchange) -> bytes:
    """A finished exchange with all that was kept of it."""
    if exchange.recorded is not None or exchange.trace is not None:  # JSON as it is
        return pack_document(exchange.to_json())
    try:
        return _whole.encode(_state(exchange))
    except (MsgspecError, TypeError, ValueError, OverflowError, RecursionError):
        return pack_document(exchange.to_json())


def pack_bare(exchange: Exchange) -> bytes:
    """A finished exchange without bodies, output, recording and trace, which it says it had."""
    state = dict(zip(STATE, _state(exchange), strict=True))
    left_out = {"logs": exchange.writes, "recorded": exchange.recorded, "trace": exchange.trace}
    state["writes"] = ()
    state["_skipped"] = {*(exchange._skipped or ()), *(name for name in left_out if left_out[name])}
    try:
        return _bare.encode((*state.values(),))
    except (MsgspecError, TypeError, ValueError, OverflowError, RecursionError):
        nothing: Json = {"input": None, "output": None, "calls": [], "logs": []}
        document = {**exchange.to_json(), **nothing, "truncated": [*nothing]}
        return pack_document(
            {key: document[key] for key in document if key not in left_out or key in nothing}
        )


def pack_document(document: Json) -> bytes:
    """A document."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def unpack(data: bytes) -> Json:
    """The document of what was packed; raises `ValueError` for anything else."""
    if data[:1] == b"{":
        document: Json = json.loads(data)
        return document
    try:
        return _restored(_decoder.decode(data)).to_json()
    except (MsgspecError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise ValueError(f"this is no exchange: {error}") from None


class Packed:
    """A document that has been packed, and is unpacked when somebody reads it."""

    __slots__ = ("_data", "_folded", "_read")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._read: Json = {}
        self._folded: bytes | None = None

    def may_have(self, words: Iterable[bytes]) -> bool:
        """Whether all of these, which are ASCII in lower case, could be in its texts."""
        return all(word in self._lower() for word in words)

    def may_have_written(self, words: Iterable[bytes]) -> bool:
        """Whether all of these, which are ASCII in lower case, could be in the guest's output."""
        return all(_may_be_written(self._lower(), word) for word in words)

    def _lower(self) -> bytes:
        if self._folded is None:
            self._folded = self._data.lower()
        return self._folded

    def read(self, parts: Iterable[str]) -> Json:
        """At least these parts: `input`, `output`, `calls`, `logs`; raises `ValueError`."""
        if any(part not in self._read for part in parts):
            is_document = self._data[:1] == b"{"
            self._read.update(unpack(self._data) if is_document else _some(self._data, parts))
        return self._read


def may_have_written(data: bytes, word: bytes) -> bool:
    """Whether a word, ASCII in lower case, could be in the guest's output of what was packed."""
    return _may_be_written(data.lower(), word)


def _may_be_written(folded: bytes, word: bytes) -> bool:
    word = word[:_LONGEST_WORD]
    return word in folded or (len(word) > 1 and _pieces_of(word)(folded) is not None)


@lru_cache(maxsize=32)
def _pieces_of(word: bytes) -> Callable[[bytes], object]:
    """Finds the first piece of a word that was written in several: it ends one of the writes."""
    pieces = (word[:length] for length in range(1, len(word)))
    ends = b"|".join(b"(?<=%b.{%d})" % (piece, len(_NEXT_WRITE)) for piece in pieces)
    # What begins with a constant is found several times as fast.
    return re.compile(b"%b(?:%b)" % (_NEXT_WRITE, ends), re.DOTALL).search


def _some(data: bytes, parts: Iterable[str]) -> Json:
    """Parts of the document of what was packed as an exchange; raises `ValueError`."""
    try:
        state = _parts.decode(data)
        return {part: _MADE[part](_decoder.decode(state[_PLACES[part]])) for part in parts}
    except (MsgspecError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise ValueError(f"this is no exchange: {error}") from None


def _unpack_object(code: int, data: memoryview) -> object:
    return _BY_CODE[code].restore(*_decoder.decode(data))


_decoder: Decoder[Any] = Decoder(ext_hook=_unpack_object)
_parts = Decoder(list[Raw])
_PLACES = {
    "input": STATE.index("input"),
    "output": STATE.index("output"),
    "calls": STATE.index("calls"),
    "logs": STATE.index("writes"),
}
_MADE: Mapping[str, Callable[[Any], object]] = {
    "input": plain_json,
    "output": plain_json,
    "calls": lambda calls: call_documents(Call(*call) for call in calls),
    "logs": lambda writes: log_documents(Write(*write) for write in writes),
}
_NEXT_WRITE = b"\x93\xa6std"
"""How each write begins, behind the bytes of the one before it: `stdout` or `stderr`, of three."""
_LONGEST_WORD = 32
"""Bytes of a word that are looked for."""


def _restored(state: object) -> Exchange:
    if not isinstance(state, list):
        raise TypeError("it has no parts")
    known = dict(zip(STATE, state, strict=False))
    exchange = Exchange(known["trigger"], known["target"], known["component"])
    for name, value in known.items():
        setattr(exchange, name, value)
    exchange.calls = [Call(*call) for call in exchange.calls]
    exchange.writes = [Write(*write) for write in exchange.writes]
    exchange.trap = None if exchange.trap is None else _trap(*exchange.trap)
    if exchange.traceback is not None:
        exchange.traceback = _traceback(*exchange.traceback)
    return exchange


def _trap(reason: str, frames: Any, export: str | None, traceback: Any, *rest: Any) -> Trap:
    told = None if traceback is None else _traceback(*traceback)
    return Trap(reason, _frames(frames), export, told, *rest)


def _traceback(language: str, message: str, frames: Any) -> Traceback:
    return Traceback(language, message, _frames(frames))


def _frames(frames: Any) -> tuple[Frame, ...]:
    return tuple(Frame(*frame) for frame in frames)

"""`wasi:io/streams` and `wasi:io/error`, over the classes of `streams`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spindle.component.host import HostInterface, Later, may_block
from spindle.component.trap import trap_if
from spindle.component.values import Err, Ok
from spindle.factors.wasi.io.poll import POLL, wait
from spindle.factors.wasi.io.streams import Closed, InputStream, OutputStream, StreamError

READ_LIMIT = 1024 * 1024
"""Bytes one read gives at most, whatever the guest asks for."""
BLOCKING_WRITE_LIMIT = 4096
"""Bytes the specification lets a guest pass to the blocking writes."""

Result = Ok | Err
_CLOSED = Err("closed")
_DONE = Ok(None)
_TOO_LONG = "the guest passed more than 4096 bytes to a blocking write"


def _guarded(function: Callable[..., Result]) -> Callable[..., Result]:
    """Turn the streams' exceptions into the `stream-error` they stand for."""

    def guarded(*args: Any) -> Result:
        try:
            return function(*args)
        except Closed:
            return _CLOSED
        except StreamError as failure:
            return Err(("last-operation-failed", failure.error))

    return guarded


@_guarded
def _read_now(stream: InputStream, length: int) -> Result:
    if length == 0:
        return Ok(b"")
    data = stream.read_nowait(min(length, READ_LIMIT))
    if data is None:
        return Ok(b"")
    return Ok(data) if data else _CLOSED


@_guarded
def _write_now(stream: OutputStream, data: bytes) -> Result:
    trap_if(len(data) > stream.check_write(), "the guest wrote more than `check-write` allowed")
    stream.write(data)
    return _DONE


@_guarded
def _check_write(stream: OutputStream) -> Result:
    return Ok(stream.check_write())


@_guarded
def _flush_now(stream: OutputStream) -> Result:
    stream.check_write()
    return _DONE


def _when_ready(stream: Any, act: Callable[..., Result], *args: Any) -> Any:
    """Act at once if the stream is ready, else wait for it first."""
    if stream.is_ready():
        return act(stream, *args)

    async def later() -> Result:
        await wait(stream.pollable())
        return act(stream, *args)

    return Later(later())


def _read(_task: Any, stream: InputStream, length: int) -> Result:
    return _read_now(stream, length)


@may_block
def _blocking_read(_task: Any, stream: InputStream, length: int) -> Any:
    return _when_ready(stream, _read_now, length)


def _skip_now(stream: InputStream, length: int) -> Result:
    result = _read_now(stream, length)
    return Ok(len(result.value)) if isinstance(result, Ok) else result


@may_block
def _blocking_skip(_task: Any, stream: InputStream, length: int) -> Any:
    return _when_ready(stream, _skip_now, length)


@may_block
def _blocking_write(_task: Any, stream: OutputStream, data: bytes) -> Any:
    trap_if(len(data) > BLOCKING_WRITE_LIMIT, _TOO_LONG)
    return _when_ready(stream, _write_now, data)


@may_block
def _blocking_write_zeroes(_task: Any, stream: OutputStream, length: int) -> Any:
    trap_if(length > BLOCKING_WRITE_LIMIT, _TOO_LONG)
    return _when_ready(stream, _write_now, bytes(length))


def _write_zeroes(_task: Any, stream: OutputStream, length: int) -> Result:
    if not isinstance(permit := _check_write(stream), Ok):
        return permit
    trap_if(length > permit.value, "the guest wrote more than `check-write` allowed")
    return _write_now(stream, bytes(length))


@may_block
def _blocking_flush(_task: Any, stream: OutputStream) -> Any:
    return _when_ready(stream, _flush_now)


def _splice_now(out: OutputStream, source: InputStream, length: int) -> Result:
    permit = _check_write(out)
    if not isinstance(permit, Ok):
        return permit
    data = _read_now(source, min(length, permit.value))
    if not isinstance(data, Ok) or not data.value:
        return Ok(0) if isinstance(data, Ok) else data
    written = _write_now(out, data.value)
    return Ok(len(data.value)) if isinstance(written, Ok) else written


@may_block
def _blocking_splice(_task: Any, out: OutputStream, source: InputStream, length: int) -> Any:
    if out.is_ready() and source.is_ready():
        return _splice_now(out, source, length)

    async def later() -> Result:
        await wait(out.pollable())
        await wait(source.pollable())
        return _splice_now(out, source, length)

    return Later(later())


STREAMS = HostInterface(
    functions={
        "[method]input-stream.read": _read,
        "[method]input-stream.blocking-read": _blocking_read,
        "[method]input-stream.skip": lambda _task, stream, length: _skip_now(stream, length),
        "[method]input-stream.blocking-skip": _blocking_skip,
        "[method]input-stream.subscribe": lambda _task, stream: stream.pollable(),
        "[method]output-stream.check-write": lambda _task, stream: _check_write(stream),
        "[method]output-stream.write": lambda _task, stream, data: _write_now(stream, data),
        "[method]output-stream.blocking-write-and-flush": _blocking_write,
        "[method]output-stream.flush": lambda _task, stream: _flush_now(stream),
        "[method]output-stream.blocking-flush": _blocking_flush,
        "[method]output-stream.subscribe": lambda _task, stream: stream.pollable(),
        "[method]output-stream.write-zeroes": _write_zeroes,
        "[method]output-stream.blocking-write-zeroes-and-flush": _blocking_write_zeroes,
        "[method]output-stream.splice": lambda _task, out, source, length: _splice_now(
            out, source, length
        ),
        "[method]output-stream.blocking-splice": _blocking_splice,
    },
    resources={
        "input-stream": lambda stream: stream.close(),
        "output-stream": lambda stream: stream.close(),
    },
)

ERROR = HostInterface(
    functions={"[method]error.to-debug-string": lambda _task, error: error.message},
    resources={"error": None},
)

INTERFACES = {"error": ERROR, "poll": POLL, "streams": STREAMS}

"""A guest that does, path by path, what a host must cope with.

One WASI 0.3 component in Python for all tests, because each takes seconds to build.
`HttpHandler.handle` hands a path ending in `/name` to the function `name` below, with the query as
keywords; a function returns bytes, a status with bytes, or a whole response.
"""

# The SDK this is written for is among the guest's tools, not ours.
# mypy: ignore-errors
# Its files and its output are what is tested.
# ruff: noqa: ASYNC240, T201

import json
import os
import random
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qsl

import componentize_py_async_support
from componentize_py_async_support.streams import ByteStreamReader, ByteStreamWriter
from componentize_py_types import Err, Ok
from spin_sdk import http, key_value, variables, wit
from spin_sdk.wit.imports import wasi_clocks_monotonic_clock_0_3_0 as clock
from spin_sdk.wit.imports.wasi_http_types_0_3_0 import (
    ErrorCode_InternalError,
    Fields,
    Request,
    Response,
)

MILLISECOND = 1_000_000
CHUNK = 64 * 1024
served = 0
identity = b""
kept: list[bytearray] = []

# ---- Requests and responses ------------------------------------------------------------


def no_trailers():
    """A trailers future that resolves to none."""
    return future(lambda: Ok(None))[1]


def future(default):
    """A future of trailers with what it resolves to when its writer is dropped."""
    return wit.result_option_wasi_http_types_0_3_0_fields_wasi_http_types_0_3_0_error_code_future(
        default
    )


def body_of(request: Request) -> ByteStreamReader:
    """The request's body; its trailers are ignored."""
    received = wit.result_unit_wasi_http_types_0_3_0_error_code_future(lambda: Ok(None))[1]
    return Request.consume_body(request, received)[0]


async def chunks(stream: ByteStreamReader) -> AsyncIterator[bytes]:
    """What a stream delivers, until its writer is gone."""
    with stream:
        while not stream.writer_dropped:
            if chunk := await stream.read(CHUNK):
                yield chunk


def respond(body=None, status=200, headers=(), trailers=None) -> Response:
    """A response whose body is bytes, a readable stream, or absent."""
    if isinstance(body, bytes):
        writer, reader = wit.byte_stream()
        componentize_py_async_support.spawn(write(writer, body))
        body = reader
    fields = Fields.from_list([("content-type", b"text/plain"), *headers])
    response = Response.new(fields, body, trailers or no_trailers())[0]
    response.set_status_code(status)
    return response


async def write(writer: ByteStreamWriter, body: bytes) -> None:
    """Write all of a body, then end it."""
    with writer:
        await writer.write_all(body)


# ---- Plain answers -----------------------------------------------------------------------


async def hello(request):
    """The smallest answer."""
    return b"Hello from the guest!"


async def status(request, code="200"):
    """The asked status."""
    return int(code), code.encode()


async def reflect(request, **_):
    """The request as this guest sees it."""
    fields = [[name, value.decode("latin-1")] for name, value in request.get_headers().copy_all()]
    head = {
        "method": type(request.get_method()).__name__.removeprefix("Method_").upper(),
        "path_with_query": request.get_path_with_query(),
        "scheme": type(request.get_scheme()).__name__.removeprefix("Scheme_").lower(),
        "authority": request.get_authority(),
        "headers": fields,
    }
    return json.dumps(head).encode()


async def count(request):
    """How many requests this instance has been given, this one included."""
    return str(served).encode()


async def whoami(request):
    """A name this instance drew when it was first asked; it has no other way to tell."""
    global identity
    identity = identity or os.urandom(8).hex().encode()
    return identity


async def chance(request):
    """A random number."""
    return str(random.SystemRandom().getrandbits(64)).encode()


# ---- Streams -------------------------------------------------------------------------------


async def echo(request):
    """The request's body, passed on as it comes without this guest touching it."""
    return respond(body_of(request))


async def shout(request):
    """The request's body in upper case, chunk by chunk."""
    writer, reader = wit.byte_stream()

    async def copy() -> None:
        with writer:
            async for chunk in chunks(body_of(request)):
                await writer.write_all(chunk.upper())

    componentize_py_async_support.spawn(copy())
    return respond(reader)


async def length(request):
    """The size of the request's body."""
    size = 0
    async for chunk in chunks(body_of(request)):
        size += len(chunk)
    return str(size).encode()


async def drip(request, count="5", ms="10"):
    """`count` lines, `ms` milliseconds apart."""
    writer, reader = wit.byte_stream()

    async def produce() -> None:
        with writer:
            for number in range(int(count)):
                await writer.write_all(f"{number}\n".encode())
                await clock.wait_for(int(ms) * MILLISECOND)

    componentize_py_async_support.spawn(produce())
    return respond(reader)


async def flood(request, size="1000000"):
    """A body of `size` bytes."""
    return respond(bytes(int(size)))


async def trailers(request):
    """A body with a trailer after it."""
    writer, reader = future(lambda: Ok(None))

    async def finish() -> None:
        with writer:
            await writer.write(Ok(Fields.from_list([("x-checksum", b"1234")])))

    componentize_py_async_support.spawn(finish())
    return respond(b"with trailers", trailers=reader)


async def cut(request):
    """A body that ends in an error half-way."""
    return respond(b"half", trailers=future(lambda: Err(ErrorCode_InternalError("cut")))[1])


async def ignore(request):
    """An answer that leaves the request's body unread."""
    return b"ignored"


# ---- Misbehaviour --------------------------------------------------------------------------


async def sleep(request, ms="100"):
    """An answer after `ms` milliseconds."""
    await clock.wait_for(int(ms) * MILLISECOND)
    return b"slept"


async def loop(request):
    """Compute without end."""
    while True:
        pass


async def allocate(request, mb="0"):
    """Take memory and keep it: `mb` megabytes, or without end."""
    wanted = int(mb) or sys.maxsize
    while len(kept) < wanted:
        kept.append(bytearray(b"x") * 1_000_000)
    return str(len(kept)).encode()


async def never(request):
    """Wait for what nobody will bring."""
    writer, reader = wit.byte_stream()
    with writer, reader:
        await reader.read(1)


async def stall(request):
    """Start a body and never go on with it."""
    writer, reader = wit.byte_stream()

    async def produce() -> None:
        with writer:
            await writer.write_all(b"started")
            await clock.wait_for(10**18)

    componentize_py_async_support.spawn(produce())
    return respond(reader)


async def trap(request):
    """Trap at once, having said who does."""
    print("trapping", (await whoami(request)).decode(), flush=True)
    os.abort()


async def trap_later(request):
    """Trap when the head of the response is out."""
    writer, reader = wit.byte_stream()

    async def produce() -> None:
        with writer:
            await writer.write_all(b"before the trap")
            os.abort()

    componentize_py_async_support.spawn(produce())
    return respond(reader)


async def fail(request):
    """Raise what the handler's type does not know."""
    raise ValueError("raised by the guest")


async def admit(request):
    """Say what was raised, and answer it."""
    try:
        await fail(request)
    except ValueError:
        traceback.print_exc()
    return respond(b"sorry", 500)


async def error(request):
    """Return the interface's own error."""
    raise Err(ErrorCode_InternalError("returned by the guest"))


async def leave(request, code="3"):
    """Exit."""
    os._exit(int(code))


# ---- Host interfaces -----------------------------------------------------------------------


async def send(request, url="", method="GET"):
    """What a request to `url`, with this request's body, is answered."""
    body = bytearray()
    async for chunk in chunks(body_of(request)):
        body += chunk
    answer = await http.send(http.Request(method, url, {}, bytes(body)))
    return answer.status, answer.body


async def log(request, text="hello"):
    """Write to standard output and standard error."""
    print(f"out: {text}", flush=True)
    print(f"err: {text}", file=sys.stderr, flush=True)
    return b"logged"


async def env(request):
    """The environment and the arguments."""
    return json.dumps({"env": dict(os.environ), "argv": sys.argv}).encode()


async def read(request, path="/"):
    """A file's content, or a directory's names."""
    place = Path(path)
    if place.is_dir():
        return "\n".join(sorted(entry.name for entry in place.iterdir())).encode()
    return place.read_bytes()


async def write_file(request, path="/new.txt", text="text"):
    """Write a file."""
    Path(path).write_text(text)
    return b"written"


async def variable(request, name=""):
    """A variable's value."""
    return (await variables.get(name)).encode()


async def keep(request, key="key", value=None, store="default"):
    """Set a key where a value is given; else its value, or 404."""
    with await key_value.open(store) as opened:
        if value is not None:
            await opened.set(key, value.encode())
            return b"set"
        found = await opened.get(key)
    return (404, b"") if found is None else found


# ---- The door ----------------------------------------------------------------------------

Behaviour = Callable[..., Awaitable[bytes | tuple[int, bytes] | Response]]
BEHAVIOURS: dict[str, Behaviour] = {
    behaviour.__name__: behaviour
    for behaviour in [
        *(hello, status, reflect, count, whoami, chance),
        *(echo, shout, length, drip, flood, trailers, cut, ignore),
        *(sleep, loop, allocate, never, stall, trap, trap_later, fail, admit, error, leave),
        *(send, log, env, read, write_file, variable, keep),
    ]
}
EXPECTED = (OSError, Err)


class HttpHandler(http.Handler):
    """The exported handler."""

    async def handle(self, request: Request) -> Response:
        """Do what the path names; an unknown name is 404, a host's error 502."""
        global served
        served += 1
        path, _, query = (request.get_path_with_query() or "/").partition("?")
        name = path.rpartition("/")[2].replace("-", "_") or "hello"
        if name not in BEHAVIOURS:
            return respond(b"no such behaviour", 404)
        result = await self.behave(name, request, dict(parse_qsl(query)))
        if isinstance(result, bytes):
            result = (200, result)
        return respond(result[1], result[0]) if isinstance(result, tuple) else result

    async def behave(self, name, request, arguments):
        """One behaviour, with what host interfaces refuse turned into a 502."""
        try:
            return await BEHAVIOURS[name](request, **arguments)
        except EXPECTED as refused:
            if name == "error":
                raise
            return 502, repr(refused).encode()

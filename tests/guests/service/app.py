"""The guest benchmarks measure: a greeting, bodies sent back, and requests of its own.

Its world is `wasi:http/service`, which any WASI 0.3 host serves.
"""

# The SDK this is written for is among the guest's tools, not ours.
# mypy: ignore-errors

import componentize_py_async_support
from spin_sdk import http, wit
from spin_sdk.wit.imports.wasi_http_types_0_3_0 import Fields, Request, Response

CHUNK = 64 * 1024
GREETING = b"Hello World!"


class HttpHandler(http.Handler):
    """`/echo` and `/pass` stream; everything else is the SDK's ordinary buffered way."""

    async def handle(self, request: Request) -> Response:
        """Choose between the ways."""
        match request.get_path_with_query():
            case "/echo":
                writer, reader = wit.byte_stream()
                componentize_py_async_support.spawn(copy(body_of(request), writer))
                return respond(reader)
            case "/pass":
                return respond(body_of(request))
            case path if path.startswith("/fetch/"):
                _, _, count, url = path.split("/", 3)
                return respond(await fetch(int(count), url))
        return await super().handle(request)

    async def handle_request(self, request: http.Request) -> http.Response:
        """Greet."""
        return http.Response(200, {"content-type": "text/plain"}, GREETING)


async def copy(reader, writer):
    """Copy a stream through this guest's memory."""
    with reader, writer:
        while not reader.writer_dropped:
            await writer.write_all(await reader.read(CHUNK))


async def fetch(count, url):
    """Ask for a URL that many times, one after another; a stream of the last answer's body."""
    for _ in range(count):
        answer = await http.send(http.Request("GET", url, {}, None))
    writer, reader = wit.byte_stream()
    componentize_py_async_support.spawn(write(writer, answer.body))
    return reader


async def write(writer, body):
    """Write all of a body, then end it."""
    with writer:
        await writer.write_all(body)


def body_of(request):
    """The request's body; its trailers are ignored."""
    return Request.consume_body(request, http._unit_future())[0]


def respond(reader):
    """A response with that body."""
    return Response.new(Fields(), reader, http._trailers_future())[0]

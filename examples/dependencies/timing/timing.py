"""Middleware: says in a header how long the component behind it took."""

from componentize_py_types import Ok
from wit_world import exports, result_unit_wasi_http_types_error_code_future
from wit_world.imports import handler, monotonic_clock
from wit_world.imports.wasi_http_types import Request, Response


class HttpHandler(exports.HttpHandler):
    """What is called for each request."""

    async def handle(self, request: Request) -> Response:
        """Pass a request on, and a response back with one more header."""
        began = monotonic_clock.now()
        answer = await handler.handle(request)
        took = (monotonic_clock.now() - began) / 1e6
        status, headers = answer.get_status_code(), answer.get_headers().clone()
        headers.append("server-timing", f"app;dur={took:.3f}".encode())
        _, read = result_unit_wasi_http_types_error_code_future(lambda: Ok(None))
        response, _ = Response.new(headers, *Response.consume_body(answer, read))
        response.set_status_code(status)
        return response

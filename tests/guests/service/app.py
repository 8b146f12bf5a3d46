"""The guest benchmarks measure: a greeting, and a body sent back as it comes.

Its world is `wasi:http/service`, which any WASI 0.3 host serves.
"""

# The SDK this is written for is among the guest's tools, not ours.
# mypy: ignore-errors

from spin_sdk import http
from spin_sdk.wit.imports.wasi_http_types_0_3_0 import Fields, Request, Response


class HttpHandler(http.Handler):
    """`/echo` streams; everything else is the SDK's ordinary buffered way."""

    async def handle(self, request: Request) -> Response:
        """Choose between the two."""
        if request.get_path_with_query() != "/echo":
            return await super().handle(request)
        body = Request.consume_body(request, http._unit_future())[0]
        return Response.new(Fields(), body, http._trailers_future())[0]

    async def handle_request(self, request: http.Request) -> http.Response:
        """Greet."""
        return http.Response(200, {"content-type": "text/plain"}, b"Hello World!")

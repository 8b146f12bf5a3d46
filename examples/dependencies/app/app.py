"""Counts words, with a library that is a component of its own."""

from urllib.parse import parse_qs, urlsplit

from spin_sdk import http
from spin_sdk.http import Request, Response
from wit_world.imports import counting


class HttpHandler(http.Handler):
    """What Spin calls for each request."""

    async def handle_request(self, request: Request) -> Response:
        """Say how many words the query's `text` has."""
        (text,) = parse_qs(urlsplit(request.uri).query).get("text", [""])
        found = counting.summarise(text)
        answer = f"{found.words} words, the longest is {found.longest!r}\n"
        return Response(200, {"content-type": "text/plain"}, answer.encode())

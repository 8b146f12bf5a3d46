"""A Spin application in Python: greets whoever the path names."""

from urllib.parse import unquote

from spin_sdk import http
from spin_sdk.http import Request, Response


class HttpHandler(http.Handler):
    """What Spin calls for each request."""

    async def handle_request(self, request: Request) -> Response:
        """Greet the person in the path, or the world."""
        path = request.uri.partition("?")[0]
        name = unquote(path.strip("/")) or "world"
        return Response(200, {"content-type": "text/plain"}, f"Hello, {name}!\n".encode())

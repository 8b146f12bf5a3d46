"""The application beside the static files: a page that uses them, and a small API."""

import json
from datetime import UTC, datetime

from spin_sdk import http
from spin_sdk.http import Request, Response

PAGE = b"""<!doctype html>
<html lang="en">
<title>Static site and application</title>
<link rel="stylesheet" href="/static/style.css">
<script type="module" src="/static/clock.js"></script>
<h1>One address, two components</h1>
<p>This page comes from a Python component; its <a href="/static/">style, script and
documents</a> come from a file server.</p>
<p>The time on the server is <time>unknown</time>.</p>
</html>
"""


class HttpHandler(http.Handler):
    """What Spin calls for each request that is not under `/static`."""

    async def handle_request(self, request: Request) -> Response:
        """Answer the page, or the time as JSON."""
        if request.uri == "/":
            return Response(200, {"content-type": "text/html; charset=utf-8"}, PAGE)
        if request.uri == "/api/time":
            body = json.dumps({"time": datetime.now(UTC).isoformat(timespec="seconds")})
            return Response(200, {"content-type": "application/json"}, body.encode())
        return Response(404, {"content-type": "text/plain"}, b"no such page\n")

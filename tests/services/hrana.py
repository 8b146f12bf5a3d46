"""A libSQL server in this process, over the `sqlite3` module: the part of Hrana 3 that clients use.

What the protocol leaves open is as `sqld` does it: a text that can't be parsed is refused whole
when it comes as a cursor (500), and is an answer of its own in a pipeline; blobs have no padding.
"""

import asyncio
import base64
import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from tests.services.web import hang_up

TOKEN = "t0ps3cret"


class HranaServer:
    """Serves one file until `close`, on a loop in a thread of its own."""

    def __init__(self, directory: Path) -> None:
        self.url = ""
        self.streams: dict[str, sqlite3.Connection] = {}
        """What is open, by the baton that was given out last."""
        self.asked: list[dict[str, Any]] = []
        """The bodies of all requests."""
        self._path = directory / "server.db"
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._do(self._start())

    def close(self) -> None:
        """End it."""
        self.hang_up()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def hang_up(self) -> None:
        """Be reached no more."""
        if self._runner is not None:
            self._do(self._runner.cleanup())
            self._do(hang_up())
            self._runner = None

    def forget(self) -> None:
        """Close all streams, as after some time without requests."""

        async def work() -> None:
            while self.streams:
                self.streams.popitem()[1].close()

        self._do(work())

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self) -> None:
        application = web.Application(middlewares=[self._authorized])
        application.router.add_post("/v3/cursor", self._cursor)
        application.router.add_post("/v3/pipeline", self._pipeline)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    @web.middleware
    async def _authorized(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": "Authentication failed"}, status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _cursor(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        baton, connection = self._stream(body["baton"])
        steps = body["batch"]["steps"]
        mistake = _unparsed(connection, steps[0]["stmt"]["sql"])
        if mistake is not None:
            connection.close()
            del self.streams[baton]
            return web.json_response({"error": mistake}, status=500)
        response = web.StreamResponse()
        await response.prepare(request)
        for entry in ({"baton": baton, "base_url": None}, *_entries(connection, steps)):
            await response.write(json.dumps(entry).encode() + b"\n")
        return response

    async def _pipeline(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        if body["baton"] not in self.streams:
            return web.json_response({"error": "the stream is expired"}, status=400)
        baton, connection = self._stream(body["baton"])
        (asked,) = body["requests"]
        if asked["type"] == "close":
            connection.close()
            del self.streams[baton]
            result: Any = {"type": "ok", "response": {"type": "close"}}
        else:
            result = _batch(connection, asked["batch"]["steps"])
        return web.json_response({"baton": baton, "base_url": None, "results": [result]})

    def _stream(self, baton: str | None) -> tuple[str, sqlite3.Connection]:
        """A stream under a new baton."""
        if baton is None:
            connection = sqlite3.connect(self._path, isolation_level=None)
        else:
            connection = self.streams.pop(baton)
        new = secrets.token_urlsafe(8)
        self.streams[new] = connection
        return new, connection


def _unparsed(connection: sqlite3.Connection, sql: str) -> str | None:
    """What is wrong with the syntax of a statement."""
    if sql.partition(" ")[0].upper() not in _VERBS:
        return f"SQL string could not be parsed: `{sql}`"
    return None


_VERBS = {"BEGIN", "COMMIT", "CREATE", "DROP", "INSERT", "DELETE", "ROLLBACK", "SELECT", "WITH"}


def _entries(connection: sqlite3.Connection, steps: list[Any]) -> Iterator[dict[str, Any]]:
    for number, step in enumerate(steps):
        if "condition" in step and not connection.in_transaction:
            continue  # the one condition that clients know
        statement = step["stmt"]
        changes = connection.total_changes
        try:
            args = [_received(value) for value in statement.get("args", ())]
            cursor = connection.execute(statement["sql"], args)
            names = [column[0] for column in cursor.description or ()]
            cols = [{"name": name, "decltype": None} for name in names]
            yield {"type": "step_begin", "step": number, "cols": cols}
            for row in cursor:
                yield {"type": "row", "row": [_sent(value) for value in row]}
        except sqlite3.Error as error:
            message = {"message": f"SQLite error: {error}", "code": "SQLITE_ERROR"}
            yield {"type": "step_error", "step": number, "error": message}
            continue
        yield {
            "type": "step_end",
            "affected_row_count": connection.total_changes - changes,
            "last_insert_rowid": str(cursor.lastrowid) if cursor.lastrowid else None,
        }


def _batch(connection: sqlite3.Connection, steps: list[Any]) -> dict[str, Any]:
    mistake = _unparsed(connection, steps[0]["stmt"]["sql"])
    if mistake is not None:
        return {"type": "error", "error": {"message": mistake}}
    results: list[Any] = [None] * len(steps)
    errors: list[Any] = [None] * len(steps)
    done: dict[str, Any] = {}
    for entry in _entries(connection, steps):
        match entry["type"]:
            case "step_begin":
                done = {"cols": entry["cols"], "rows": []}
                at = entry["step"]
            case "row":
                done["rows"].append(entry["row"])
            case "step_end":
                results[at] = {**done, **{k: v for k, v in entry.items() if k != "type"}}
            case "step_error":
                errors[entry["step"]] = entry["error"]
    result = {"step_results": results, "step_errors": errors}
    return {"type": "ok", "response": {"type": "batch", "result": result}}


def _received(value: dict[str, Any]) -> Any:
    match value["type"]:
        case "integer":
            return int(value["value"])
        case "blob":
            return base64.b64decode(value["base64"])
    return value.get("value")


def _sent(value: Any) -> dict[str, Any]:
    match value:
        case None:
            return {"type": "null"}
        case int():
            return {"type": "integer", "value": str(value)}
        case float():
            return {"type": "float", "value": value}
        case bytes():
            return {"type": "blob", "base64": base64.b64encode(value).decode().rstrip("=")}
    return {"type": "text", "value": value}


@contextmanager
def hrana_server(directory: Path) -> Iterator[HranaServer]:
    """A server, until the end."""
    server = HranaServer(directory)
    try:
        yield server
    finally:
        server.close()

"""Spin's way from a request to whoever answers it.

In order: headers of the connection are dropped; paths under `/.well-known/spin/` are answered
here; the path finds its route, or gets an empty 404; only then must the request's authority be
sound; static responses are answered here, Wagi modules and components by the executor.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from spindle.app import App, Executor, HttpTrigger, StaticResponse, WagiExecutor
from spindle.errors import GuestError
from spindle.messages import Body, BodyError, BodyTooLarge, Request, Response
from spindle.routes import WELL_KNOWN_PREFIX, RouteMatch, Router, parse_route
from spindle.trigger.http.authority import AuthorityError, request_authority
from spindle.trigger.http.handler import FutureReply, Reply
from spindle.trigger.http.headers import injected_headers, without_transport_headers
from spindle.trigger.http.wagi import WagiCall, WagiResult, wagi_call, wagi_response


class Destination(NamedTuple):
    """Who answers the requests of a route."""

    id: str
    """The component's id, or the trigger's for a static response."""
    executor: Executor
    static_response: StaticResponse | None = None


Match = RouteMatch[Destination]


class GuestRunner(Protocol):
    """Runs components: what the trigger needs of the executor."""

    def invoke(self, component: str, request: Request, match: Match, reply: Reply) -> None:
        """Have a component answer, now or later; what fails before the response is `reply.fail`.

        The response's body fails for what goes wrong afterwards.
        """

    def body_limit(self, component: str) -> int:
        """Bytes of a request's body that a component run as a command may be given."""
        ...

    def run_wagi(
        self,
        component: str,
        call: WagiCall,
        request: Request,
        match: Match,
        to_response: Callable[[bytes, int], Response],
    ) -> Awaitable[Response]:
        """Run a component as a command and answer with what its stdout and status mean.

        Raises what made it trap, and what `to_response` raises.
        """


class UnknownDestination(GuestError):
    """A request was chained to a component that no HTTP trigger names."""

    code = "unknown-routing-destination"


class Pipeline:
    """Answers an application's requests: the server's handler."""

    def __init__(
        self,
        app: App,
        guests: GuestRunner,
        *,
        on_error: Callable[[Request, BaseException], None] | None = None,
        on_unmatched: Callable[[str], None] | None = None,
    ) -> None:
        self.change(app)
        self._guests = guests
        self._on_error = on_error
        self._on_unmatched = on_unmatched
        self._tasks: set[asyncio.Task[None]] = set()

    def change(self, app: App) -> None:
        """Answer the requests of another application from here on."""
        triggers = list(app.http_triggers)
        self._destinations = destinations(triggers)
        self.router = Router(
            (trigger.route, self._destinations[_key(trigger)])
            for trigger in triggers
            if trigger.route is not None
        )
        self._info = _app_info(app)

    def handle(self, request: Request, reply: Reply) -> None:
        """Answer a request from a client."""
        request.headers = without_transport_headers(request.headers)
        path = request.path_with_query.partition("?")[0]
        if path.startswith(WELL_KNOWN_PREFIX):
            reply.send(self._well_known(path.removeprefix(WELL_KNOWN_PREFIX)))
        elif (match := self.router.match(path)) is not None:
            self._dispatch(request, match, reply)
        else:
            self._say_unmatched(path)
            reply.send(Response(404))

    async def chain(self, component: str, request: Request) -> Response:
        """Answer a request one component made to another, `http://<component>.spin.internal/…`.

        Raises `UnknownDestination`, and `ConnectionError` when the request's authority is unsound;
        a component that fails answers 500, as it does to clients.
        """
        destination = self._destinations.get(component)
        if destination is None or destination.static_response is not None:
            raise UnknownDestination(f"unknown routing destination `{component}`")
        request.scheme = "http"
        request.client = ("0.0.0.0", 0)
        path = request.path_with_query.partition("?")[0]
        reply = FutureReply(request, self._on_error)
        self._dispatch(request, Match(_CHAINED_ROUTE, destination, {}, path), reply)
        return await reply.wait_response()

    def _dispatch(self, request: Request, match: Match, reply: Reply) -> None:
        try:
            request.authority = request_authority(request)
        except AuthorityError as error:
            reply.drop(str(error))
            return
        target = match.target
        if target.static_response is not None:
            reply.send(_static(target.static_response))
        elif isinstance(target.executor, WagiExecutor):
            self._start_wagi(request, match, target.executor, reply)
        else:
            _check_utf8(request)
            request.headers += injected_headers(request, match)
            self._guests.invoke(target.id, request, match, reply)

    def _well_known(self, name: str) -> Response:
        match name:
            case "health":
                return Response(200, body=Body.of(b"OK"))
            case "info":
                return Response(200, [(b"content-type", b"application/json")], Body.of(self._info))
        return Response(404)

    def _say_unmatched(self, path: str) -> None:
        """Tell of the first request without a route, and of no other."""
        say, self._on_unmatched = self._on_unmatched, None
        if say is not None:
            say(path)

    def _start_wagi(
        self, request: Request, match: Match, executor: WagiExecutor, reply: Reply
    ) -> None:
        task = asyncio.get_running_loop().create_task(
            self._run_wagi(request, match, executor, reply)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        reply.on_gone = lambda: _cancel(task)

    async def _run_wagi(
        self, request: Request, match: Match, executor: WagiExecutor, reply: Reply
    ) -> None:
        component = match.target.id

        def respond(stdout: bytes, exit_code: int) -> Response:
            return wagi_response(component, WagiResult(stdout, exit_code))

        try:
            body = await request.body.read_all(self._guests.body_limit(component))
            call = wagi_call(request, match, executor.argv, body)
            reply.send(await self._guests.run_wagi(component, call, request, match, respond))
        except BodyTooLarge:
            reply.send(Response(413))
        except BodyError:  # of the client, before there was anything to run
            reply.send(Response(400))
        except Exception as error:
            reply.fail(error)


def destinations(triggers: list[HttpTrigger]) -> dict[str, Destination]:
    """Who answers, by id; of several triggers of one component the last one's executor counts."""
    return {
        _key(trigger): Destination(_key(trigger), trigger.executor, trigger.static_response)
        for trigger in triggers
    }


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()


_CHAINED_ROUTE = parse_route("/...")


def _key(trigger: HttpTrigger) -> str:
    return trigger.component or trigger.id


def _static(response: StaticResponse) -> Response:
    headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
    return Response(response.status_code, headers, Body.of((response.body or "").encode()))


def _check_utf8(request: Request) -> None:
    """Components get text in headers; raises `UnicodeDecodeError`."""
    for _, value in request.headers:
        if not value.isascii():
            value.decode()


def _app_info(app: App) -> bytes:
    info = {"name": app.name} | ({"version": app.version} if app.version else {})
    return json.dumps(info, indent=2, ensure_ascii=False).encode()

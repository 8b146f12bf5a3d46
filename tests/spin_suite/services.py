"""What the suite's guests talk to: small servers in this process, and real ones."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
from tests.services.mosquitto import Mosquitto
from tests.services.postgres import Postgres
from tests.services.process import Server, running
from tests.services.redis import Redis


class _EchoHttp(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or "0"))
        self.send_response(200)
        self.send_header("Content-type", "text/plain")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nobody wants to know."""


class _EchoTcp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(1024):
            self.request.sendall(data)


def _http() -> socketserver.TCPServer:
    return ThreadingHTTPServer(("127.0.0.1", 0), _EchoHttp)


def _tcp() -> socketserver.TCPServer:
    return socketserver.ThreadingTCPServer(("127.0.0.1", 0), _EchoTcp)


class _SpinDev(Postgres):
    """The suite's database, before it has anything in it."""

    user = password = "postgres"


Service = Callable[[Path], AbstractContextManager[int]]
"""Serves a checkout of the suite until it is left; entered it is the port."""


def _here(make: Callable[[], socketserver.TCPServer]) -> Service:
    @contextmanager
    def serving(_suite: Path) -> Iterator[int]:
        with make() as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield int(server.server_address[1])
            server.shutdown()

    return serving


def _real(kind: type[Server]) -> Service:
    @contextmanager
    def serving(_suite: Path) -> Iterator[int]:
        with running(kind) as server:
            yield server.port

    return serving


@contextmanager
def _postgres(suite: Path) -> Iterator[int]:
    scripts = suite / "crates" / "test-environment" / "services" / "postgres-init"
    with running(_SpinDev) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE spin_dev")
        with psycopg.connect(server.url, dbname="spin_dev", autocommit=True) as connection:
            for script in sorted(scripts.glob("*.sql")):
                connection.execute(script.read_bytes())
        yield server.port


SERVICES: dict[str, tuple[str, Service] | None] = {
    "http-echo": ("80", _here(_http)),
    "tcp-echo": ("7", _here(_tcp)),
    "redis": ("6379", _real(Redis)),
    "mqtt": ("1883", _real(Mosquitto)),
    "postgres": ("5432", _postgres),
    "key-value-store": None,
    "sqlite": None,
}
"""For each precondition the well-known port and what serves it; None if the host itself does."""


class Services:
    """Services that run for one test; entered, they are their ports by well-known ones."""

    def __init__(self, kinds: Iterable[str], suite: Path) -> None:
        self._kinds = kinds
        self._suite = suite
        self._stack = ExitStack()

    def __enter__(self) -> dict[str, int]:
        services = [service for kind in self._kinds if (service := SERVICES[kind]) is not None]
        return {port: self._stack.enter_context(serving(self._suite)) for port, serving in services}

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

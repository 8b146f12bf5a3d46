"""What the suite's guests talk to, in this process."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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


SERVICES: dict[str, tuple[str, Callable[[], socketserver.TCPServer]] | None] = {
    "http-echo": ("80", _http),
    "tcp-echo": ("7", _tcp),
    "key-value-store": None,
    "sqlite": None,
}
"""For each precondition the well-known port and what serves it; None if the host itself does."""


class Services:
    """Services that run for one test; entered, they are their ports by well-known ones."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self._kinds = kinds
        self._stack = ExitStack()

    def __enter__(self) -> dict[str, int]:
        ports: dict[str, int] = {}
        for service in (SERVICES[kind] for kind in self._kinds):
            if service is not None:
                port, serve = service
                server = serve()
                self._stack.callback(server.server_close)
                self._stack.callback(server.shutdown)
                threading.Thread(target=server.serve_forever, daemon=True).start()
                ports[port] = int(server.server_address[1])
        return ports

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

"""One connection to a host's control endpoint, for callers that wait for their answers."""

from __future__ import annotations

import socket
import time
from types import TracebackType
from typing import Any, Self

from spindle.client.failures import HostUnreachable, check_length, result_of
from spindle.client.framing import BODY_LIMIT, Decoder, FramingError, encode_message
from spindle.client.run_file import PROTOCOL, RunFile


def connect(run_file: RunFile, *, timeout: float = 5.0) -> Connection:
    """A connection that is ready for calls; each answer is waited for `timeout` seconds."""
    connection = Connection(_open(run_file.endpoint, timeout), run_file.pid)
    try:
        connection.call("initialize", {"token": run_file.token, "protocol": PROTOCOL})
    except BaseException:
        connection.close()
        raise
    return connection


class Connection:
    """Calls a host's methods one after another; a context manager."""

    def __init__(self, peer: socket.socket, pid: int) -> None:
        self._peer = peer
        self._pid = pid
        self._decoder = Decoder()
        self._calls = 0

    def call(self, method: str, params: dict[str, object] | None = None) -> Any:
        """A method's result; raises `CallFailed` with the host's words."""
        self._calls += 1
        request = {"jsonrpc": "2.0", "id": self._calls, "method": method, "params": params or {}}
        message = check_length(method, encode_message(request), BODY_LIMIT)
        try:
            self._peer.sendall(message)
            answer = self._wait_answer(self._calls)
        except (OSError, FramingError) as error:
            raise HostUnreachable(f"host {self._pid} does not answer: {error}") from error
        return result_of(answer)

    def wait_closed(self, timeout: float) -> bool:
        """Wait until the host hangs up, which it does when it ends; False if it didn't in time."""
        deadline = time.monotonic() + timeout
        try:
            while (left := deadline - time.monotonic()) > 0:
                self._peer.settimeout(left)
                if not self._peer.recv(65536):
                    return True
        except TimeoutError:
            return False
        except OSError:
            return True
        return False

    def close(self) -> None:
        self._peer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _wait_answer(self, number: int) -> dict[str, Any]:
        while True:
            data = self._peer.recv(65536)
            if not data:
                raise ConnectionError("it closed the connection")
            for message in self._decoder.feed(data):
                if isinstance(message, dict) and message.get("id") == number:
                    return message


def _open(endpoint: str, timeout: float) -> socket.socket:
    kind, _, address = endpoint.partition(":")
    try:
        if kind == "unix":
            return _open_unix(address, timeout)
        host, _, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout)
    except (OSError, ValueError) as error:
        raise HostUnreachable(f"no host answers at `{endpoint}`: {error}") from error


def _open_unix(path: str, timeout: float) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        peer.settimeout(timeout)
        peer.connect(path)
    except BaseException:
        peer.close()
        raise
    return peer

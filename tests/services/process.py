"""A real server of its own port and directory, which tests start, stop and hinder."""

import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

START_LIMIT = 60.0


class NotReadyError(ConnectionError):
    """The server does not answer, or says that it is not ready."""


class Server(ABC):
    """A server program; each kind says its command and when it answers.

    It keeps its port and its data from one `start` to the next. `host` and `port` are where it
    listens; what it writes goes to `log`.
    """

    host = "127.0.0.1"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.log = directory / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The server's command line."""

    def prepare(self) -> None:  # noqa: B027 - most need nothing
        """Write what it needs before its first start."""

    def check(self) -> None:
        """Raise an OSError while it is not ready; accepting a connection may be enough."""
        self.ask(b"")

    def start(self) -> None:
        """Start it, and return once it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        until = time.monotonic() + START_LIMIT
        while self._process.poll() is None and time.monotonic() < until:
            with suppress(OSError):
                self.check()
                return
            time.sleep(0.02)
        self.kill()
        raise AssertionError(f"{type(self).__name__} does not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        """End it in order, as by its administrator; connections end as it sees fit."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as by a crash."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it answer nothing, with its connections held, until `resume`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def ask(self, request: bytes, size: int = 0) -> bytes:
        """Send bytes on a new connection; up to `size` bytes of what it answers first."""
        with socket.create_connection((self.host, self.port), timeout=5) as connection:
            connection.sendall(request)
            return connection.recv(size) if size else b""

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.send_signal(signal.SIGCONT)  # a paused one would not hear
        try:
            self._process.wait(60)
        finally:
            self._process.kill()
            self._process.wait()
            self._process = None


S = TypeVar("S", bound=Server)


@contextmanager
def running(kind: type[S]) -> Iterator[S]:
    """A server of a kind, with its data in a temporary directory.

    The directory is open to other users than ours: some servers refuse to run as root.
    """
    with tempfile.TemporaryDirectory(prefix=f"spindle-{kind.__name__.lower()}-") as directory:
        Path(directory).chmod(0o755)
        server = kind(Path(directory))
        server.prepare()
        try:
            server.start()
            yield server
        finally:
            server.kill()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""What every test may ask for."""

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.labs import lab
from tests.services.fixtures import (
    cosmos_server,
    dynamo_server,
    mariadb_server,
    mosquitto_server,
    own_server,
    postgres_server,
    redis_server,
)
from tests.services.process import free_port

# Fixtures of other modules.
__all__ = [
    "cosmos_server",
    "dynamo_server",
    "lab",
    "mariadb_server",
    "mosquitto_server",
    "own_server",
    "postgres_server",
    "redis_server",
]

# A busy machine is no failure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# Whoever starts the tests in the background has them, and their children, ignore interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

BUILD = Path(__file__).parent / "guests" / "build.py"
SPINDLE = Path(sys.executable).with_name("spindle")
START_LIMIT = 60.0


@cache
def built(name: str) -> Path:
    """The test guest of that name (see `guests/README.md`), built when needed."""
    command = [sys.executable, str(BUILD), name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


@pytest.fixture(scope="session")
def guest() -> Callable[[str], Path]:
    """Call it with a guest's name to have the path of its component or module."""
    return built


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class Host:
    """A `spindle up` of its own process."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    def output(self) -> str:
        """What it has written on standard output and standard error so far."""
        return self.log.read_text()

    def tells(self, text: str) -> bool:
        """Whether its output has a text in it, or will have it soon."""
        until = time.monotonic() + START_LIMIT
        while not (found := text in self.output()) and time.monotonic() < until:
            time.sleep(0.005)
        return found

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET `path`."""
        return self.request("GET", path, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request on a connection of its own; `path` is sent as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Host]]:
    """Call it as `up(application, *options)` to have a host serving it until the module ends."""
    with ExitStack() as stack:

        def start(application: Path, *options: str) -> Host:
            state = tmp_path_factory.mktemp("state")
            return stack.enter_context(serving(application, state, options))

        yield start


@contextmanager
def serving(application: Path, state: Path, options: tuple[str, ...] = ()) -> Iterator[Host]:
    port = free_port()
    arguments = ["up", "-f", application, "--state-dir", state, "--listen", f"127.0.0.1:{port}"]
    log = state / "output.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(SPINDLE), *map(str, arguments), *options], stdout=output, stderr=output, text=True
        )
    try:
        _wait_for_listener(process, port, log)
        yield Host(process, port, log)
    finally:
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
            process.wait()


def _wait_for_listener(process: subprocess.Popen[str], port: int, log: Path) -> None:
    until = time.monotonic() + START_LIMIT
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)
    pytest.fail(f"`spindle up` does not listen:\n{log.read_text()}")

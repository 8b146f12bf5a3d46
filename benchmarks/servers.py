"""The hosts compared: how each is started on a guest, and what its process costs."""

import atexit
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO

from tests.services.process import free_port

REST = 0.3  # seconds without work that count as rest
REST_MS = 10.0  # milliseconds of CPU meanwhile that are no work
START_LIMIT = 120.0  # seconds until a server must have answered


@dataclass(frozen=True, slots=True)
class Launch:
    """A server to start: the command, but for its port, and what it needs around it."""

    command: Sequence[str]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `start_ms` is how long its first 200 took."""

    process: subprocess.Popen[bytes]
    port: int
    start_ms: float

    def cpu_ms(self) -> float:
        """User and system time the process has used; not a number but on Linux."""
        if sys.platform != "linux":
            return float("nan")
        # The clock of another process; /proc has ticks of 10 ms.
        return time.clock_gettime_ns((~self.process.pid << 3) | 2) / 1e6

    def settle(self) -> None:
        """Wait until it rests: until what it compiles in the background is compiled."""
        until = time.monotonic() + START_LIMIT
        used = float("inf")
        while used > REST_MS and time.monotonic() < until:
            before = self.cpu_ms()
            time.sleep(REST)
            used = self.cpu_ms() - before


def spindle(app: Path, caches: Path, options: Sequence[str] = ()) -> Launch:
    """`spindle up` on the application directory `app`, with caches of its own."""
    program = str(Path(sys.executable).with_name("spindle"))
    command = [program, "up", "--quiet", "-f", str(app), *options, "--listen"]
    return Launch(command, app, {"XDG_CACHE_HOME": str(caches)})


def wasmtime(guest: Path, options: Sequence[str] = ()) -> Launch:
    """`wasmtime serve` on a component, or on its `.cwasm`."""
    features = ["-S", "cli,p3", "-W", "component-model-async", "-C", "cache=n"]
    command = [str(wasmtime_program()), "serve", *features, "--allow-precompiled"]
    return Launch([*command, *options, str(guest), "--addr"], guest.parent)


def precompile(guest: Path, directory: Path) -> Path:
    """The guest compiled ahead of time by wasmtime."""
    digest = hashlib.sha256(guest.read_bytes()).hexdigest()[:12]
    compiled = directory / f"{guest.stem}-{digest}.cwasm"
    if not compiled.exists():
        options = ["-W", "component-model-async", "-o", str(compiled)]
        subprocess.run([wasmtime_program(), "compile", *options, str(guest)], check=True)
    return compiled


@cache
def wasmtime_program() -> Path:
    """A copy of the wheel's binary that may be run (the wheel's own lacks the mode bit)."""
    program = Path(tempfile.mkdtemp(prefix="spindle-bench-")) / "wasmtime"
    shutil.copy(Path(str(files("wasmtime_cli"))) / "wasmtime", program)
    program.chmod(0o755)
    atexit.register(shutil.rmtree, program.parent)
    return program


@contextmanager
def running(launch: Launch, paths: Sequence[str] = ("/",)) -> Iterator[Server]:
    """The server, once every one of `paths` has been answered 200; stopped at the end."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            [*launch.command, f"127.0.0.1:{port}"],
            cwd=launch.directory,
            env={**os.environ, **launch.environment},
            stdout=log,
            stderr=log,
        )
        try:
            for path in paths:
                _wait_for_answer(process, port, path, log)
            yield Server(process, port, (time.perf_counter() - started) * 1000)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for_answer(
    process: subprocess.Popen[bytes], port: int, path: str, log: IO[bytes]
) -> None:
    until = time.monotonic() + START_LIMIT
    while not _answers(port, path):
        if process.poll() is not None or time.monotonic() > until:
            log.seek(0)
            said = log.read().decode(errors="replace")
            raise SystemExit(f"no answer from `{process.args!r}`\n{said}")
        time.sleep(0.001)


def _answers(port: int, path: str) -> bool:
    """Whether the server answers 200 now."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            head = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
            connection.sendall(head.encode())
            return b" 200 " in connection.recv(64)
    except OSError:
        return False

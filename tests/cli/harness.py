"""What the tests of the command line call things."""

import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Protocol


class Run(Protocol):
    """Runs `spindle` to its end."""

    def __call__(
        self, *args: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


@dataclass
class Serving:
    """A `spindle up` that serves."""

    process: subprocess.Popen[str]
    base_url: str
    announced: str
    """What it printed when it began to serve."""

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal; the exit code and what went to stderr."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        """Wait for its end; the exit code and what went to stderr."""
        assert self.process.stderr is not None
        stderr = self.process.stderr.read()
        return self.process.wait(timeout=60), stderr


class Up(Protocol):
    """Starts `spindle up` and returns once it serves."""

    def __call__(self, cwd: Path, *args: str, env: Mapping[str, str] | None = None) -> Serving: ...


def wait_served(process: subprocess.Popen[str]) -> Serving:
    """Read the announcement of a `spindle up` that was just started."""
    lines: Queue[str | None] = Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    seen: list[str] = []
    while (line := lines.get(timeout=120)) is not None:
        seen.append(line)
        if (url := _base_url(line)) is not None:
            return Serving(process, url, "".join([*seen, *_rest(lines)]))
    _, stderr = process.communicate()
    raise AssertionError(f"it ended with {process.returncode}: {''.join(seen)}{stderr}")


def _rest(lines: Queue[str | None]) -> Iterator[str]:
    """The lines of the announcement after the first: it is written at once."""
    with suppress(Empty):
        while (line := lines.get(timeout=0.1)) is not None:
            yield line


def _base_url(line: str) -> str | None:
    for start in ("Serving ", '  "base_url": "'):
        if line.startswith(start):
            return line.removeprefix(start).rstrip('",\n')
    return None

"""What the tests of the command line call things."""

import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
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
        return self.process.wait(timeout=20), stderr


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
    url = None
    while (line := lines.get(timeout=1 if url else 30)) is not None:
        seen.append(line)
        url = url or _base_url(line)
        if url and lines.empty():
            return Serving(process, url, "".join(seen))
    _, stderr = process.communicate()
    raise AssertionError(f"it ended with {process.returncode}: {''.join(seen)}{stderr}")


def _base_url(line: str) -> str | None:
    for start in ("Serving ", '  "base_url": "'):
        if line.startswith(start):
            return line.removeprefix(start).rstrip('",\n')
    return None

"""The terminal interface while a thousand exchanges come in each second, and how soon it is there.

Frames are those of the list of exchanges, on a terminal of 120 by 40 cells that nobody looks at:
from the timer that asks for one until what has changed was drawn. The exchanges come from another
process, by way of its control endpoint.
"""

import asyncio
import fcntl
import gc
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.apps import application, guest

from spindle.client import Dropped, Event
from spindle_tui.app import SpindleApp
from spindle_tui.attachment import Attachment
from spindle_tui.screens.exchanges import ExchangesPane

RATE = 1000
IN_A_HURRY = 5_000
FLOOD = 100_000
"""Exchanges that come in a hurry, to see what is kept of them."""
MOST_FRAME_MS = 50.0
MOST_FIRST_MS = 500.0


@dataclass(frozen=True, slots=True)
class Frames:
    """Milliseconds of frames, and megabytes that a flood added when there was no room."""

    p50: float
    p95: float
    cpu_p50: float
    """Of them, what the process computes: the rest is others' use of the processor."""
    cpu_p95: float
    a_second: float
    share: float
    """Of a processor that the process takes, with all that it reads."""
    grown_mb: float


@dataclass(frozen=True, slots=True)
class FirstFrames:
    """Milliseconds from the start of `spindle up`, by attempt."""

    anything: tuple[float, ...]
    """Until the terminal shows anything."""
    list: tuple[float, ...]
    """Until there is the list of exchanges of a host that serves."""


class _Timed(SpindleApp):
    """Notes how long frames take, and how much of that its process computes."""

    def __init__(self) -> None:
        super().__init__(Attachment("/bench/spin.toml"))
        self.frames: list[tuple[float, float]] = []
        self._began: tuple[float, float] | None = None

    def begin_frame(self) -> None:
        """What happened meanwhile is to be drawn."""
        self._began = _now()

    def _display(self, screen: Any, renderable: Any) -> None:
        super()._display(screen, renderable)
        if self._began is not None:
            wall, cpu = _now()
            self.frames.append((wall - self._began[0], cpu - self._began[1]))
            self._began = None


def _now() -> tuple[float, float]:
    """Milliseconds: of the clock, and of this process's work."""
    return time.perf_counter() * 1000, time.process_time() * 1000


async def _frames(seconds: float, host: subprocess.Popen[bytes]) -> Frames:
    app = _Timed()
    async with app.run_test(size=(120, 40)):
        pane, came = await _listed(app), Counter[str]()
        drawn, taken = pane.draw_news, pane.take

        def draw() -> None:
            app.begin_frame()
            drawn()

        def take(events: Iterable[Event]) -> None:
            for event in events:
                missed = isinstance(event.data, Dropped)
                came[event.kind] += event.data.count if missed else 1
            taken(events)

        # To know when a frame begins, and how many have come.
        pane.draw_news, pane.take = draw, take  # type: ignore[method-assign]
        await _came(app, came, RATE)
        app.frames.clear()
        before = _now()
        await asyncio.sleep(seconds)
        wall, cpu = (after - earlier for after, earlier in zip(_now(), before, strict=True))
        frames = app.frames[:]
        _tell(host, IN_A_HURRY)
        await _came(app, came, FLOOD // 2)
        full = _resident()
        await _came(app, came, FLOOD // 2)
        grown = _resident() - full
    walls, cpus = zip(*frames, strict=True)
    return Frames(
        median(walls),
        _p95(walls),
        median(cpus),
        _p95(cpus),
        len(frames) / wall * 1000,
        cpu / wall,
        grown,
    )


def _p95(figures: Sequence[float]) -> float:
    return quantiles(figures, n=20)[-1]


async def _listed(app: SpindleApp) -> ExchangesPane:
    while not (found := app.screen.query(ExchangesPane)):  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0.05)
    return found.first()


async def _came(app: SpindleApp, came: Counter[str], count: int) -> None:
    """Wait until so many more have come, or were missed."""
    until = came.total() + count
    while came.total() < until:
        if not app.is_running:
            raise SystemExit("the terminal interface has ended")
        await asyncio.sleep(0.05)
    gc.collect()


def _tell(host: subprocess.Popen[bytes], rate: int) -> None:
    assert host.stdin is not None
    host.stdin.write(b"%d\n" % rate)
    host.stdin.flush()


def _resident() -> float:
    """Megabytes of memory that this process has."""
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def frames(scratch: Path, seconds: float) -> Frames:
    """Measure frames under load, and what a flood leaves."""
    os.environ["XDG_RUNTIME_DIR"] = str(scratch)  # where a host is found
    command = [sys.executable, "-m", "benchmarks.busy_host", str(RATE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        host.stdout.readline()
        try:
            return asyncio.run(_frames(seconds, host))
        finally:
            host.kill()


def frames_line(found: Frames) -> str:
    """Its line."""
    mark = "✓" if found.p95 <= MOST_FRAME_MS else "✗"
    return (
        f"tui: {RATE:,} exchanges a second, {found.a_second:.0f} frames a second; a frame takes "
        f"{found.p50:.1f} ms, p95 {found.p95:.1f} ms {mark}, of CPU {found.cpu_p50:.1f} ms, "
        f"p95 {found.cpu_p95:.1f} ms; all of it {found.share:.0%} of a processor; "
        f"{FLOOD // 2:,} more than there is room for take {found.grown_mb:.1f} MB"
    )


def first_frames(scratch: Path, attempts: int) -> FirstFrames:
    """How soon `spindle up` shows something on a terminal; the first attempt warms caches."""
    app = application([guest("wat/hello")], scratch / "tui")
    taken = [list(_first_frame(app)) for _ in range(attempts + 1)][1:]
    return FirstFrames(tuple(each[0] for each in taken), tuple(each[1] for each in taken))


def _first_frame(app: Path) -> Iterator[float]:
    """Milliseconds until anything is drawn, and until the list is there."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        environment = {**os.environ, "TERM": "xterm-256color"}
        environment.pop("CI", None)
        program = str(Path(sys.executable).with_name("spindle"))
        command = (program, "up", "-f", str(app), "--listen", "127.0.0.1:0")
        os.execve(program, command, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    shown = b""
    try:
        for wanted in (b"Exchanges", b"live"):
            while wanted not in shown:
                shown += os.read(terminal, 65536)
            yield (time.perf_counter() - began) * 1000
    finally:
        os.kill(pid, signal.SIGTERM)
        with suppress(OSError):  # the terminal's end
            while select.select([terminal], [], [], 10)[0] and os.read(terminal, 65536):
                pass
        os.close(terminal)
        os.waitpid(pid, 0)


def first_frames_line(found: FirstFrames) -> str:
    """Its line."""
    first = median(found.anything)
    mark = "✓" if first <= MOST_FIRST_MS else "✗"
    return (
        f"tui: first frame {first:.0f} ms after `spindle up` starts {mark}, "
        f"the list of a host that serves after {median(found.list):.0f} ms"
    )

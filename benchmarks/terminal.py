"""The terminal interface while a thousand exchanges come in each second, and how soon it is there.

Frames are those of the list of exchanges, on a terminal of 120 by 40 cells that nobody looks at:
from the timer that asks for one until what has changed was drawn.
"""

import asyncio
import fcntl
import gc
import json
import os
import pty
import resource
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.apps import application, guest

from spindle.client import Event, HostStats, Page, RouteInfo, RunFile, Stats
from spindle.client.answers import AppName, HostInfo
from spindle.exchange import Summary
from spindle_tui.app import SpindleApp
from spindle_tui.attachment import Attachment, State
from spindle_tui.screens.exchanges import ExchangesPane

RATE = 1000
BATCH_SECONDS = 0.05
"""How often a host tells what happened."""
FLOOD = 100_000
"""Exchanges that come as fast as they are taken, to see what is kept of them."""
MOST_FRAME_MS = 50.0
MOST_FIRST_MS = 500.0


@dataclass(frozen=True, slots=True)
class Frames:
    """Milliseconds of frames, and megabytes that a flood added when there was no room."""

    p50: float
    p95: float
    count: int
    grown_mb: float


@dataclass(frozen=True, slots=True)
class FirstFrames:
    """Milliseconds from the start of `spindle up`, by attempt."""

    anything: tuple[float, ...]
    """Until the terminal shows anything."""
    list: tuple[float, ...]
    """Until there is the list of exchanges of a host that serves."""


def _summaries(first: int, count: int) -> bytes:
    """What a host tells in one batch."""
    rows = [
        Summary(
            f"{time.time_ns() // 1_000_000:012x}7000{number:016x}", time.time(), "http", "/...",
            "api", "5f2c9d81aa40", 3, "GET", f"/v1/orders/{number}?page={number % 7}",
            "127.0.0.1:3000", 500 if number % 50 == 0 else 200, 812.5 + number % 90, 0, 312, 2, 1,
            None, None, None,
        )._asdict()
        for number in range(first, first + count)
    ]  # fmt: skip
    return json.dumps(rows).encode()


class _Flow:
    """Batches of exchanges, at a rate or as fast as they are taken."""

    def __init__(self) -> None:
        self.number = 0
        self.hurry = False

    async def __aiter__(self) -> AsyncIterator[list[Event]]:
        size = int(RATE * BATCH_SECONDS)
        due = time.perf_counter()
        while True:
            due = due + BATCH_SECONDS if not self.hurry else time.perf_counter()
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            told = json.loads(_summaries(self.number, size))
            self.number += size
            yield [Event("exchange.finished", each["at"], Summary(**each)) for each in told]

    async def aclose(self) -> None:
        pass


class _Host:
    """Stands for a host of which only exchanges are of interest."""

    def __init__(self) -> None:
        self.flow = _Flow()

    async def info(self) -> HostInfo:
        return HostInfo(
            1, AppName("bench"), "/bench/spin.toml", "http://127.0.0.1:3000", 0.0, 0.0, 1
        )

    async def stats(self) -> Stats:
        return Stats(time.time(), HostStats(0.0, 0, 0.0, 0, 0, 0), (), ())

    async def routes(self) -> tuple[RouteInfo, ...]:
        return ()

    async def exchanges(self, *_where: Any, **_how: Any) -> Page:
        return Page((), None)

    def follow_exchanges(self, _where: str | None = None) -> _Flow:
        return self.flow


class _Beside(Attachment):
    async def keep(self) -> None:
        self.host, self.state = _Host(), State.LIVE  # type: ignore[assignment]  # stands for one
        self.run_file = RunFile(1, "0", "/bench/spin.toml", "http://127.0.0.1:3000", "", "")
        self.on_change()
        await asyncio.Event().wait()


class _Timed(SpindleApp):
    """Notes how long frames take."""

    def __init__(self) -> None:
        super().__init__(_Beside("bench"))
        self.began: float | None = None
        self.frames: list[float] = []

    def _display(self, screen: Any, renderable: Any) -> None:
        super()._display(screen, renderable)
        if self.began is not None:
            self.frames.append((time.perf_counter() - self.began) * 1000)
            self.began = None


async def _frames(seconds: float) -> Frames:
    app = _Timed()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(1.0)
        pane, host = app.screen.query_one(ExchangesPane), app.host
        drawn = pane.draw_news

        def draw() -> None:
            app.began = time.perf_counter()
            drawn()

        pane.draw_news = draw  # type: ignore[method-assign]  # to know when a frame begins
        await asyncio.sleep(seconds)
        frames = app.frames[5:]
        assert isinstance(host, _Host)
        host.flow.hurry = True
        await _flooded(host, FLOOD // 2)
        full = _resident()
        await _flooded(host, FLOOD)
        grown = _resident() - full
    return Frames(median(frames), quantiles(frames, n=20)[-1], len(frames), grown)


async def _flooded(host: _Host, until: int) -> None:
    while host.flow.number < until:  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0.05)
    gc.collect()


def _resident() -> float:
    """Megabytes of memory that this process has."""
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def frames(seconds: float) -> Frames:
    """Measure frames under load, and what a flood leaves."""
    return asyncio.run(_frames(seconds))


def frames_line(found: Frames) -> str:
    """Its line."""
    mark = "✓" if found.p95 <= MOST_FRAME_MS else "✗"
    return (
        f"tui: {RATE:,} exchanges a second, a frame takes {found.p50:.1f} ms, "
        f"p95 {found.p95:.1f} ms {mark}; "
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

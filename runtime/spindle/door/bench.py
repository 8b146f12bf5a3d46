"""How long a request takes, measured many times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from spindle.door.result import ExchangeResult
from spindle.errors import UserError


@dataclass(frozen=True, slots=True)
class Bench:
    """The times of many equal requests, in microseconds and in the order of their ends."""

    request: str
    times: tuple[float, ...]
    failed: int
    """How many trapped, or were answered with a status of 400 or more."""
    seconds: float
    """From the first beginning to the last end."""
    concurrency: int
    build: str | None
    """The id of the build that answered last."""
    other: Bench | None = None
    """The same on another build, measured in turns with this one."""

    def percentile(self, percent: float) -> float:
        """The time that so many percent of the requests took at most."""
        ordered = sorted(self.times)
        at = min(len(ordered) - 1, max(0, round(percent / 100 * len(ordered)) - 1))
        return ordered[at]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def histogram(self, bins: int = 30) -> list[tuple[float, float, int]]:
        """Counts of times between two each, up to the 99th percentile; the last has the rest."""
        low, high = min(self.times), self.percentile(99)
        width = (high - low) / bins or 1.0
        counts = [0] * bins
        for took in self.times:
            counts[min(bins - 1, int((took - low) / width))] += 1
        return [(low + i * width, low + (i + 1) * width, n) for i, n in enumerate(counts)]

    def __repr__(self) -> str:
        shown = ", ".join(f"p{p} {self.percentile(p) / 1e3:.2f} ms" for p in (50, 90, 99))
        failed = f", {self.failed} failed" if self.failed else ""
        other = "" if self.other is None else f", against {self.other!r}"
        ran = f"{len(self.times)} in {self.seconds:.2f} s"
        return f"<Bench {self.request}: {ran}, {shown}{failed}{other}>"


def requested(text: str) -> tuple[str, str]:
    """Method and path of `GET /hello`, or of a path alone."""
    method, _, path = text.strip().rpartition(" ")
    return (method.strip() or "GET").upper(), path


async def measure(
    send: Callable[[], Awaitable[ExchangeResult]], request: str, n: int, concurrency: int
) -> Bench:
    """Send a request many times, as many at once as may be."""
    if n < 1 or concurrency < 1:
        raise UserError("a measurement needs one request at least, and one at a time")
    times: list[float] = []
    failed = 0
    build: str | None = None
    left = n

    async def go_on() -> None:
        nonlocal failed, build, left
        while left > 0:
            left -= 1
            began = time.perf_counter()
            result = await send()
            times.append((time.perf_counter() - began) * 1e6)
            failed += not result.ok
            build = result.build or build

    began = time.perf_counter()
    await asyncio.gather(*(go_on() for _ in range(min(concurrency, n))))
    seconds = time.perf_counter() - began
    return Bench(request, tuple(times), failed, seconds, concurrency, build)


async def measure_both(
    replay: Callable[[str | None], Awaitable[ExchangeResult]], request: str, n: int, against: str
) -> Bench:
    """Replay a request many times, on the build that is served and on another in turns.

    The times are the exchanges' own: setting a stage up for each is none of a build's.
    """
    if n < 1:
        raise UserError("a measurement needs one request at least")
    builds: tuple[str | None, ...] = (None, against)
    results: dict[str | None, list[ExchangeResult]] = {build: [] for build in builds}
    seconds = dict.fromkeys(builds, 0.0)
    for _ in range(n):
        for build in builds:
            began = time.perf_counter()
            results[build].append(await replay(build))
            seconds[build] += time.perf_counter() - began

    def bench(build: str | None, other: Bench | None = None) -> Bench:
        found = results[build]
        times = tuple(float(each.document["phases_us"]["total"]) for each in found)
        failed = sum(not each.ok for each in found)
        return Bench(request, times, failed, seconds[build], 1, found[-1].build, other)

    return bench(None, bench(against))

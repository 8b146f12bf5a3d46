"""What a replay costs beside a request that is served: processor time of each.

A host serves small requests under load, and keeps them; then it is stopped, and they are replayed
from the command line, on forked state. What that takes for one exchange is its start.
"""

import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.apps import application, guest
from benchmarks.loads import Load, measure
from benchmarks.servers import running, spindle

COUNT = 1000


@dataclass(frozen=True, slots=True)
class Replays:
    """Milliseconds of CPU by request and by replay, and seconds that all replays took."""

    guest: str
    served: float
    replayed: float
    seconds: float


def replays(scratch: Path, seconds: float) -> list[Replays]:
    """Small requests of a Python and a Rust guest."""
    return [_replays(name, scratch / f"replays-{name}", seconds) for name in ("service", "rust-p3")]


def _replays(name: str, scratch: Path, seconds: float) -> Replays:
    app = application([guest(name)], scratch)
    launch = spindle(app, scratch / "caches")
    load = Load(f"replays of {name}", name)
    with running(launch) as server:
        measure(server, load, seconds)
        server.settle()
        sample = measure(server, load, seconds)
    _replay(app, scratch, 1)
    one, _ = _replay(app, scratch, 1)
    many, took = _replay(app, scratch, COUNT)
    return Replays(name, sample["CPU ms"], (many - one) / (COUNT - 1), took)


def _replay(app: Path, scratch: Path, count: int) -> tuple[float, float]:
    """Milliseconds of CPU, and seconds."""
    command = [sys.executable, "-m", "spindle.cli", "replay", "path=/", "--limit", str(count)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(scratch / "caches")}
    before, began = _cpu_ms(), time.perf_counter()
    subprocess.run(
        [*command, "-f", str(app)], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return _cpu_ms() - before, time.perf_counter() - began


def _cpu_ms() -> float:
    """What the processes have taken that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def replays_line(one: Replays) -> str:
    """A line of the report."""
    figures = asdict(one)
    return (
        "replays, {guest}: {served:.2f} ms of CPU a request served, {replayed:.2f} ms a replay, "
        "a thousand in {seconds:.1f} s"
    ).format(**figures)

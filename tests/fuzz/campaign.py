"""Many inputs for a target, in processes that may die of one.

What goes wrong is kept in `crashes/<target>/`, and checked again by every run of the tests.
"""

from __future__ import annotations

import hashlib
import json
import queue
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.fuzz.worker import generated

ROOT = Path(__file__).parents[2]
CRASHES = Path(__file__).parent / "crashes"
BATCH = 2000
"""How many inputs one process checks."""
STUCK = 60
"""Seconds after which a process that says nothing is killed."""


@dataclass(slots=True)
class Findings:
    """What became of a target's inputs."""

    problems: dict[int, str] = field(default_factory=dict)
    """By the number of the input."""
    counts: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)
    """Seconds of CPU, and of which input."""
    peak: int = 0
    """Bytes of memory a process had at most."""


def fuzz(target: str, seed: int, runs: int) -> Findings:
    """Check so many inputs of a target."""
    found = Findings()
    at = 0
    while at < runs:
        last = min(at + BATCH, runs)
        for report in reports(target, seed, at, last):
            if "problem" in report:
                found.problems[report["number"]] = report["problem"]
                at = report["number"] + 1
            else:
                found.counts.update(report["counts"])
                found.slowest = max(found.slowest, tuple(report["slowest"]))
                found.peak = max(found.peak, report["peak"] << 10)
                at = last
    return found


def reports(target: str, seed: int, first: int, last: int) -> Iterator[dict[str, Any]]:
    """What one process says of a range of inputs, or why it ended early."""
    command = [sys.executable, "-m", "tests.fuzz.worker", target, str(seed), str(first), str(last)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines: queue.Queue[bytes] = queue.Queue()
        errors: list[bytes] = []
        _pump(process.stdout, lines.put)
        listener = _pump(process.stderr, errors.append)
        at, problem = first, ""
        try:
            while line := lines.get(timeout=STUCK):
                report = json.loads(line)
                at = report.get("at", at)
                if "at" not in report:
                    yield report
        except queue.Empty:
            process.kill()
            problem = f"says nothing for {STUCK} s"
        code = process.wait()
        listener.join()
    if code:
        tail = b"".join(errors)[-2000:].decode(errors="replace")
        yield {"number": at, "problem": problem or f"the process ends with {code}: {tail}"}


def _pump(stream: IO[bytes], put: Callable[[bytes], object]) -> threading.Thread:
    """Hand on each line, and nothing as the last one."""

    def run() -> None:
        for line in stream:
            put(line)
        put(b"")

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def keep(target: str, seed: int, number: int) -> Path:
    """Write a bad input down."""
    data = generated(target, seed, number)
    path = CRASHES / target / hashlib.sha256(data).hexdigest()[:16]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path

"""Inputs number `first` up to `last` of one target, checked in this process.

It says on stdout what it is about to do, so that whoever started it knows what killed it, and
what was found; each line is JSON.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from random import Random
from typing import Any

from tests.fuzz.targets import TARGETS

MEMORY = 3 << 30
"""Bytes of private memory one process may have."""
HANG = 10
"""Seconds of CPU that no small input may take."""


class Hang(BaseException):
    """An input takes too long."""


def limit() -> None:
    """Bound this process's memory, and have long inputs interrupted."""

    def ring(_signal: int, _frame: Any) -> None:
        raise Hang

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, ring)


def generated(target: str, seed: int, number: int) -> bytes:
    """The input of that number."""
    return TARGETS[target].generate(Random(f"{target} {seed} {number}"))


def problem_with(target: str, data: bytes, counts: Counter[str]) -> str | None:
    """What is wrong with what became of an input."""
    signal.setitimer(signal.ITIMER_PROF, HANG)
    try:
        counts[TARGETS[target].check(data)] += 1
    except Hang:
        return f"takes more than {HANG} s:\n{told()}"
    except BaseException:
        return told()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def told() -> str:
    """The current exception, cut where types fill pages."""
    lines = traceback.format_exc().splitlines()
    return "\n".join(line[:200] for line in lines[-30:])


def main(target: str, seed: int, first: int, last: int) -> None:
    """Check them in turn."""
    limit()
    counts: Counter[str] = Counter()
    slowest = (0.0, first)
    for number in range(first, last):
        data = generated(target, seed, number)
        say(at=number)
        start = time.process_time()
        problem = problem_with(target, data, counts)
        slowest = max(slowest, (time.process_time() - start, number))
        if problem is not None:
            say(number=number, problem=problem)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    say(counts=counts, peak=peak, slowest=slowest)


def say(**what: Any) -> None:
    """Write a line, at once."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))

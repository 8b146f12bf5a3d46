"""Fuzz every target with inputs made at random; `make fuzz` does this.

The exit code says whether anything went wrong. The same seed makes the same inputs.
"""

from __future__ import annotations

import argparse
import sys
import time
from random import randrange

from tests.fuzz.campaign import ROOT, Findings, fuzz, keep
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Read the command line and fuzz."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="inputs for each target")
    parser.add_argument("--seed", type=int, default=randrange(1 << 32))
    parser.add_argument("--target", choices=TARGETS, action="append", help="all, if none is named")
    args = parser.parse_args()
    wrong = 0
    for target in args.target or TARGETS:
        start = time.monotonic()
        found = fuzz(target, args.seed, args.runs)
        for number, problem in found.problems.items():
            path = keep(target, args.seed, number).relative_to(ROOT)
            say(f"{path}: {problem}")
        rate = args.runs / (time.monotonic() - start)
        say(f"{target}: {args.runs} inputs of seed {args.seed}, {rate:.0f}/s: {summary(found)}")
        wrong += len(found.problems)
    return 1 if wrong else 0


def summary(found: Findings) -> str:
    """Findings in a line."""
    outcomes = ", ".join(f"{count} {word}" for word, count in found.counts.most_common())
    seconds, number = found.slowest
    return (
        f"{len(found.problems)} wrong, {outcomes};"
        f" {seconds:.2f} s (input {number}) and {found.peak >> 20} MiB at most"
    )


def say(line: str) -> None:
    """Write a line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

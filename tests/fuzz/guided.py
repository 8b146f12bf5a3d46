"""Fuzz the reader with inputs that are kept for the code they reach.

    python -m tests.fuzz.guided DIRECTORY -max_total_time=600

libFuzzer's options apply; the directory holds what was found to be of interest, and begins with the
components of the tests. It needs atheris, which is in the dependency group `fuzz`.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from random import Random

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]  # has no types

with atheris.instrument_imports(include=["spindle.wasm"]):
    from tests.fuzz import seeds
    from tests.fuzz.mutation import mutated
    from tests.fuzz.targets import check_reader


def one_input(data: bytes) -> None:
    """What is run for each input."""
    check_reader(data)


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Change an input: as bytes, or by its sections."""
    random = Random(seed)
    if random.random() < 0.3:
        return bytes(atheris.Mutate(data, max_size))
    return mutated(random, [data, *seeds.components()] if seed % 8 == 0 else [data])[:max_size]


def main() -> None:
    """Put the seeds into the directory and begin."""
    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    for data in seeds.components():
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    options = [sys.argv[0], "-timeout=10", "-rss_limit_mb=2048", "-max_len=65536"]
    atheris.Setup([*options, *sys.argv[1:]], one_input, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

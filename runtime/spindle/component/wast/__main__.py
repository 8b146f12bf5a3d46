"""Runs one script in this process: `python -m spindle.component.wast FILE SEED`.

Prints the outcome of each command as a line of JSON, as soon as there is one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from spindle.component.component import Compiler
from spindle.component.core import Engine
from spindle.component.wast.runner import Runner


def main(file: str, seed: str = "") -> None:
    """Run the script and print its outcomes."""
    runner = Runner(Compiler(Engine(), None), seed=int(seed) if seed else None)
    for outcome in runner.run(Path(file).read_text(encoding="utf-8")):
        line = json.dumps([outcome.line, outcome.command, outcome.problem])
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

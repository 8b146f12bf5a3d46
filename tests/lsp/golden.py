"""Cases as data: a text with a cursor `<|>`, and beside it what is expected.

A case's first part is the file that is open; parts after lines `# --- <name>` are files beside it.
`SPINDLE_UPDATE_CASES=1` writes what is expected anew.
"""

import os
import re
import time
from pathlib import Path
from typing import NamedTuple

from wasmtime import wat2wasm

from spindle.text import Position, utf16_length
from spindle_lsp.snapshot import Analyst, Snapshot, kind_of

CASES = Path(__file__).parent / "cases"
CURSOR = "<|>"
UPDATE = "SPINDLE_UPDATE_CASES" in os.environ
BUILT = 3 * 86400 + 60
"""Seconds since the wasm beside each case was built."""

GREETER = """(component
  (import "example:words/greeting@1.0.0" (instance))
  (import "spin:key-value/key-value@3.0.0" (instance))
  (import "wasi:http/client@0.3.0" (instance $client))
  (import "wasi:clocks/types@0.3.0" (instance))
  (export "wasi:http/handler@0.3.0" (instance $client)))"""
WORDS = """(component
  (import "wasi:clocks/types@0.3.0" (instance $clocks))
  (export "example:words/greeting@1.0.0" (instance $clocks))
  (export "example:words/farewell@1.0.0" (instance $clocks)))"""


class Case(NamedTuple):
    """A case, read."""

    snapshot: Snapshot
    cursor: Position
    neighbours: list[Snapshot]


def cases(feature: str) -> list[str]:
    """The names of a feature's cases."""
    return sorted(path.stem for path in (CASES / feature).glob("*.toml"))


def read_case(feature: str, name: str, root: Path) -> Case:
    """A case in a directory with some files."""
    lay_out(root)
    text = (CASES / feature / f"{name}.toml").read_text(encoding="utf-8")
    first = "runtime-config.toml" if name.startswith("config-") else "spin.toml"
    parts = re.split(r"^# --- (.+)\n", text, flags=re.MULTILINE)
    files = dict(zip([first, *parts[1::2]], parts[::2], strict=True))
    text, cursor = split_cursor(files.pop(first))
    others = []
    for other, content in files.items():
        (root / other).write_text(content, encoding="utf-8")
        others.append(snapshot_of(root / other, content))
    snapshot = snapshot_of(root / first, text, next((o.config for o in others if o.config), None))
    return Case(snapshot, cursor, others)


def snapshot_of(path: Path, text: str, config: object = None) -> Snapshot:
    """What is known of a text."""
    kind = kind_of(path)
    assert kind is not None
    return Analyst(path, kind).snapshot(text, None, config)  # type: ignore[arg-type]  # a config


def split_cursor(text: str) -> tuple[str, Position]:
    """A text without its cursor, and where that is."""
    before, _, after = text.partition(CURSOR)
    line = before.rpartition("\n")[2]
    return before + after, Position(before.count("\n"), utf16_length(line))


def lay_out(root: Path) -> None:
    """Make the files every case has beside it."""
    (root / "assets" / "icons").mkdir(parents=True)
    (root / "assets" / "style.css").touch()
    (root / "greeter" / "src").mkdir(parents=True)
    (root / ".env").write_text("SPIN_VARIABLE_API_KEY=hunter2\nSPIN_VARIABLE_REGION=north\n")
    for name, text in (("greeter.wasm", GREETER), ("words.wasm", WORDS)):
        (root / name).write_bytes(wat2wasm(text))
        built = time.time() - BUILT
        os.utime(root / name, (built, built))


def check(feature: str, name: str, found: str) -> None:
    """Compare with what is expected, or write it anew."""
    path = CASES / feature / f"{name}.expected"
    found = found.rstrip("\n") + "\n"
    if UPDATE:
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")

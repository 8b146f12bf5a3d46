"""Whether wasm is older than what it is built from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spindle.loader import Options, load
from spindle.loader.freshness import forget_inputs

MANIFEST = """spin_manifest_version = 2
[application]
name = "a"
[[trigger.http]]
route = "/..."
component = "c"
[component.c]
source = "part/out.wasm"
[component.c.build]
command = "make"
workdir = "part"
watch = {watch}
"""


def codes(root: Path, watch: str) -> list[str]:
    forget_inputs()
    (root / "spin.toml").write_text(MANIFEST.format(watch=watch))
    return [problem.code for problem in load(root, Options(read_wasm=True)).diagnostics]


def touch(path: Path, time: int) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\0asm\x01\0\0\0")
    os.utime(path, (time, time))


@pytest.mark.parametrize(
    ("watch", "found"),
    [
        ('["*.c"]', []),
        ('["new/*.c"]', ["stale-source"]),
        ('["**/*.c", "*.wasm"]', ["stale-source", "watch-matches-output"]),
        ('["*.d", "*.c"]', ["no-file-matches"]),
        ('["a**b"]', ["no-file-matches"]),
        ('["../*.toml"]', ["stale-source"]),
        ('["old.c", "../spin.toml"]', ["stale-source"]),
        ('["gone.c", "new"]', ["no-file-matches", "no-file-matches"]),
    ],
)
def test_freshness(tmp_path: Path, watch: str, found: list[str]) -> None:
    touch(tmp_path / "part" / "out.wasm", 2000)
    touch(tmp_path / "part" / "old.c", 1000)
    touch(tmp_path / "part" / "new" / "new.c", 3000)
    assert codes(tmp_path, watch) == found


def test_nothing_is_stale_before_it_is_built(tmp_path: Path) -> None:
    touch(tmp_path / "part" / "new.c", 3000)
    assert codes(tmp_path, '["*.c"]') == ["missing-source"]

"""What a directory of files that can be made again holds, and for how long."""

import os
import time
from pathlib import Path

import pytest
from wasmtime import wat2wasm

from spindle.component import cache_files
from spindle.component.cache_files import DAY, KEPT_DAYS, is_sealed, note_use, prune, write_sealed
from spindle.component.component import Compiler, Component
from spindle.component.core import Engine

ADD = """(component
  (core module $m (func (export "f") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))"""


def used_days_ago(path: Path, days: float) -> None:
    moment = time.time() - days * DAY
    for file in (path, path.with_suffix(".seal")):
        os.utime(file, (moment, moment))


def names(root: Path) -> set[str]:
    return {path.name for path in (root / "modules").iterdir() if path.suffix == ".cwasm"}


def filled(root: Path, **days: float) -> Path:
    for name, age in days.items():
        path = root / "modules" / f"{name}.cwasm"
        write_sealed(path, b"1234")
        used_days_ago(path, age)
    return root


def test_a_file_is_sealed_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.cwasm"
    assert not is_sealed(path)
    write_sealed(path, b"1234")
    assert is_sealed(path)
    path.write_bytes(b"123")
    assert not is_sealed(path)


@pytest.mark.parametrize("suffix", [".cwasm", ".seal"])
def test_half_of_a_sealed_file_is_none(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "file.cwasm"
    write_sealed(path, b"1234")
    path.with_suffix(suffix).unlink()
    assert not is_sealed(path)


def test_what_was_long_unused_goes(tmp_path: Path) -> None:
    filled(tmp_path, new=0, old=KEPT_DAYS - 1, older=KEPT_DAYS + 1)
    prune(tmp_path, time.time())
    assert names(tmp_path) == {"new.cwasm", "old.cwasm"}
    assert not (tmp_path / "modules" / "older.seal").exists()


def test_use_keeps_a_file(tmp_path: Path) -> None:
    filled(tmp_path, old=KEPT_DAYS + 1)
    path = tmp_path / "modules" / "old.cwasm"
    os.utime(path.with_suffix(".seal"), (0, 0))
    note_use(path)
    prune(tmp_path, time.time())
    assert names(tmp_path) == {"old.cwasm"}


def test_what_was_used_last_is_kept_when_there_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, oldest=3, middle=2, newest=1)
    each = sum(path.stat().st_size for path in (tmp_path / "modules").glob("newest.*"))
    monkeypatch.setattr(cache_files, "MOST_BYTES", 2 * each)
    prune(tmp_path, time.time())
    assert names(tmp_path) == {"middle.cwasm", "newest.cwasm"}


def test_a_cache_is_looked_through_once_a_day(tmp_path: Path) -> None:
    filled(tmp_path)
    prune(tmp_path, time.time())
    filled(tmp_path, older=KEPT_DAYS + 1)
    prune(tmp_path, time.time())
    assert names(tmp_path) == {"older.cwasm"}
    prune(tmp_path, time.time() + 2 * DAY)
    assert names(tmp_path) == set()


def test_a_cache_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    prune(tmp_path / "missing", time.time())


@pytest.mark.parametrize("place", [0, 64, 2000, -100])
def test_compiled_code_with_other_bytes_is_not_run(tmp_path: Path, place: int) -> None:
    wasm = bytes(wat2wasm(ADD))
    Component.load(wasm, Compiler(Engine(), tmp_path))
    (path,) = (tmp_path / "modules").glob("*.cwasm")
    good = path.read_bytes()
    damaged = bytearray(good)
    damaged[place] ^= 0xFF
    path.write_bytes(damaged)
    loaded = Component.load(wasm, Compiler(Engine(), tmp_path))
    assert loaded.instantiate().func("f").call() == 7
    assert path.read_bytes()[place] == good[place]
    assert is_sealed(path)

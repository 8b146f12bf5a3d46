"""Skimming a file gives the outline that reading all of it gives, and survives any change of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import built
from wasmtime import wat2wasm

from spindle.wasm.files import look_at
from spindle.wasm.outline import Outline, read_outline
from spindle.wasm.reader import DecodeError
from spindle.wasm.skimming import skimmed

NESTED = bytes(
    wat2wasm(
        """(component $outer
          (core module $m (func (export "f") (drop (i32.const 1)))
            (memory 1) (data (i32.const 0) "text"))
          (core instance $i (instantiate $m))
          (component $inner (core module) (import "a:b/c" (instance)))
          (import "wasi:cli/exit@0.2.0" (instance))
          (instance $none)
          (export "wasi:cli/run@0.2.0" (instance $none)))"""
    )
)


def outline(data: bytes, size: int | None = None) -> Outline | None:
    try:
        return read_outline(skimmed(io.BytesIO(data), len(data) if size is None else size))
    except (DecodeError, ValueError):
        return None


@pytest.mark.parametrize("name", ["consumer", "library", "middleware", "rust-p2", "wagi"])
def test_guests(name: str) -> None:
    data = built(name).read_bytes()
    assert outline(data) == read_outline(data)


@given(st.integers(0, len(NESTED)), st.binary(max_size=8), st.integers(-50, 5000))
def test_any_change(start: int, new: bytes, grown: int) -> None:
    changed = NESTED[:start] + new + NESTED[start + len(new) :]
    try:
        expected = read_outline(changed)
    except (DecodeError, ValueError):
        expected = None
    assert outline(changed) == expected
    outline(changed, max(0, len(changed) + grown))
    outline(NESTED[:start], len(NESTED))


def test_a_file_that_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.wasm"
    path.write_bytes(NESTED)
    assert look_at(path) is not None
    for size in range(len(NESTED)):
        path.write_bytes(NESTED[:size])
        look_at(path)

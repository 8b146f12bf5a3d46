"""Modules that are compiled without what their memories hold at first."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wasmtime import wat2wasm

from spindle.component import compiling
from spindle.component.component import Compiler, Component
from spindle.component.contents import emptied
from spindle.component.core import Contents, Engine
from spindle.component.plan_state import MEMORY, Cell
from spindle.errors import ComponentError, GuestError

ONLY = [Cell(MEMORY, 0, "m", "", exposed=False)]

READS = """(component
  (core module $m
    (memory {memory})
    (global $g (mut i32) (i32.const 0))
    {data}
    (func $start (global.set $g (i32.load8_u (i32.const 1))))
    (start $start)
    (func (export "f") (param i32) (result i32)
      (i32.add (global.get $g) (i32.load8_u (local.get 0)))))
  (core instance $i (instantiate $m))
  (func (export "f") (param "at" u32) (result u32) (canon lift (core func $i "f"))))"""


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "LARGE", 0)


@pytest.fixture
def compilers(tmp_path: Path) -> tuple[Compiler, Compiler]:
    """One that compiles well, and one that compiles in haste."""
    return Compiler(Engine(), tmp_path), Compiler(Engine("winch"), tmp_path)


def loaded(compilers: tuple[Compiler, Compiler], text: str) -> Component:
    well, quick = compilers
    made = Component.load(bytes(wat2wasm(text)), well, in_haste=quick)
    assert made.engine is quick.engine
    return made


@pytest.mark.parametrize(
    ("memory", "data"),
    [
        ("1", '(data (i32.const 0) "abc")'),
        ("1", '(data (i32.const 1) "x") (data (i32.const 0) "ab") (data (i32.const 2) "c")'),
        ("1", '(data (i32.const 0) "abc") (data (i32.const 65535) "z") (data (i32.const 3) "")'),
        ("1 1", '(data (i32.const 0) "abc") (data (i32.const 400) "z")'),
        ("1", '(data (i32.const 0) "abc") (data "waits")'),
        ("i64 1", '(data (i64.const 0) "abc")'),
    ],
)
def test_instances_are_as_they_would_be(
    compilers: tuple[Compiler, Compiler], memory: str, data: str
) -> None:
    text = READS.format(memory=memory, data=data)
    if memory.startswith("i64"):
        text = text.replace("(i32.const 1)))", "(i64.const 1)))")
        text = text.replace("(local.get 0)", "(i64.extend_i32_u (local.get 0))")
    bare = loaded(compilers, text)
    whole = Component.load(bytes(wat2wasm(text)), compilers[0])
    for _ in range(2):
        made, expected = bare.instantiate().func("f"), whole.instantiate().func("f")
        for at in (0, 1, 2, 3, 400, 65535):
            assert made.call(at) == expected.call(at)


def test_the_next_build_needs_no_compiling(
    compilers: tuple[Compiler, Compiler], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (
        READS.format(memory="1", data=f'(data (i32.const 0) "{text}")') for text in ("abc", "defgh")
    )
    assert loaded(compilers, first).instantiate().func("f").call(2) == ord("b") + ord("c")

    def compile_nothing(_engine: Engine, _wasm: bytes | memoryview) -> None:
        raise AssertionError("the code is compiled already")

    monkeypatch.setattr(Engine, "compile", compile_nothing)
    assert loaded(compilers, second).instantiate().func("f").call(2) == ord("e") + ord("f")


def test_the_next_build_runs_what_was_compiled_well_for_the_one_before(
    compilers: tuple[Compiler, Compiler],
) -> None:
    first, second = (
        READS.format(memory="1", data=f'(data (i32.const 0) "{text}")') for text in ("abc", "defgh")
    )
    well, quick = compilers
    made = Component.load(bytes(wat2wasm(first)), well, bare=True)
    assert made.is_bare
    assert made.instantiate().func("f").call(2) == ord("b") + ord("c")
    made = Component.load(bytes(wat2wasm(second)), well, in_haste=quick)
    assert (made.engine, made.is_bare) == (well.engine, True)
    assert made.instantiate().func("f").call(2) == ord("e") + ord("f")
    whole = Component.load(bytes(wat2wasm(second)), well)
    assert (whole.engine, whole.is_bare) == (well.engine, False)
    again = Component.load(bytes(wat2wasm(second)), well, in_haste=quick, bare=True)
    assert not again.is_bare
    other = READS.format(memory="2", data='(data (i32.const 0) "abc")')
    assert Component.load(bytes(wat2wasm(other)), well, in_haste=quick).engine is quick.engine


def test_a_segment_beyond_the_memory_is_refused_as_ever(
    compilers: tuple[Compiler, Compiler],
) -> None:
    text = READS.format(memory="1", data='(data (i32.const 65535) "ab")')
    with pytest.raises((ComponentError, GuestError), match="out of bounds"):
        loaded(compilers, text).instantiate()


@st.composite
def segments(draw: st.DrawFn) -> list[tuple[int, bytes]]:
    lengths = st.binary(max_size=40)
    some = st.tuples(st.integers(0, 3000), lengths) | st.tuples(st.integers(0, 60), lengths)
    found = draw(st.lists(some, max_size=12))
    return sorted(found) if draw(st.booleans()) else found


@given(segments())
def test_joined_segments_write_the_same(given_: list[tuple[int, bytes]]) -> None:
    data = "".join(f'(data (i32.const {at}) "{escaped(text)}")' for at, text in given_)
    wasm = wat2wasm(f'(module (memory (export "m") 1) {data})')
    parts = emptied(memoryview(bytes(wasm)), ONLY)
    if not given_:
        assert parts is None
        return
    assert parts is not None
    Engine("winch").validate(parts.wasm)
    assert written(parts.contents.segments) == written(given_)


def escaped(text: bytes) -> str:
    return "".join(f"\\{byte:02x}" for byte in text)


def written(contents: list[tuple[int, bytes]] | tuple[tuple[int, bytes], ...]) -> bytes:
    memory = bytearray(4096)
    for at, text in contents:
        memory[at : at + len(text)] = text
    return bytes(memory)


@given(st.binary(max_size=60), st.integers(0, 40))
def test_whatever_the_bytes_are(junk: bytes, cut: int) -> None:
    wasm = bytes(wat2wasm('(module (memory (export "m") 1) (data (i32.const 5) "abc"))'))
    for damaged in (wasm[: len(wasm) - cut], wasm[: len(wasm) - cut] + junk, wasm[:8] + junk):
        parts = emptied(memoryview(damaged), ONLY)
        assert parts is None or isinstance(parts.contents, Contents)


@pytest.mark.parametrize("cells", [[], [*ONLY, *ONLY], [ONLY[0]._replace(number=1)]])
def test_only_for_modules_with_one_memory_of_their_own(cells: list[Cell]) -> None:
    wasm = wat2wasm('(module (memory (export "m") 1) (data (i32.const 5) "abc"))')
    assert emptied(memoryview(bytes(wasm)), cells) is None

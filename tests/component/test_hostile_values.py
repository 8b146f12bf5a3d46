"""A guest hands the host what means nothing, or takes what it is given the wrong way.

Each case is a guest of its own; whatever it does ends in a `Trap` that says what it did, and a
fresh instance of a well-behaved guest answers after it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from tests.wasm.encode import encode

from spindle.component.component import Compiler, Component
from spindle.component.core import Engine
from spindle.component.exports import Instance
from spindle.component.host import HostInterface
from spindle.component.imports import Imports
from spindle.component.trap import Trap

PAGE = 65536
FAR = 0xFFFF_FFF0


@cache
def _compiler() -> Compiler:
    return Compiler(Engine(), None)


def instance_of(wat: str) -> Instance:
    """A guest; its import `note`, if any, does nothing."""
    nothing = Imports({"": HostInterface({"note": lambda _task, *_args: None})})
    return Component.load(encode(wat), _compiler()).instantiate(nothing)


def trap_of(wat: str, *args: Any) -> str:
    """What is said of a guest whose `run` traps; others are served as before."""
    instance = instance_of(wat)
    with pytest.raises(Trap) as raised:
        instance.func("run").call(*args)
    with pytest.raises(Trap, match="cannot be entered again"):
        instance.func("run").call(*args)
    instance.close()
    good = instance_of(giver("string", words(16, 2), '(data (i32.const 16) "ok")'))
    assert good.func("run").call() == "ok"
    good.close()
    return raised.value.message


def giver(type: str, code: str, data: str = "", encoding: str = "utf8", names: str = "") -> str:
    """A guest that returns a value of a type, of which `code` leaves the core value."""
    return f"""(component
      {names}
      (core module $m (memory (export "memory") 1) {data}
        (func (export "run") (result i32) {code}))
      (core instance $i (instantiate $m))
      (func (export "run") (result {type}) (canon lift (core func $i "run")
        (memory (core memory $i "memory")) string-encoding={encoding})))"""


def words(*numbers: int, at: int = 1024) -> str:
    """Code that writes words and leaves their address."""
    stores = [
        f"(i32.store (i32.const {at + 4 * n}) (i32.const {word}))" for n, word in enumerate(numbers)
    ]
    return " ".join([*stores, f"(i32.const {at})"])


def bytes_at(place: int, *numbers: int) -> str:
    """A data segment."""
    text = "".join(f"\\{number:02x}" for number in numbers)
    return f'(data (i32.const {place}) "{text}")'


SHAPE = '(type $v-0 (variant (case "a") (case "b" u8))) (import "v" (type $v (eq $v-0)))'
TAG = 1 << 31

GIVEN = {
    "a pointer to a result beyond memory": ("string", f"(i32.const {PAGE})", "", "out of bounds"),
    "a pointer near the end of all": ("string", f"(i32.const {FAR})", "", "out of bounds"),
    "a pointer that is not aligned": ("string", "(i32.const 1022)", "", "not aligned"),
    "a string beyond memory": ("string", words(PAGE - 1, 2), "", "out of bounds"),
    "a string whose end overflows": ("string", words(FAR, 0x20), "", "out of bounds"),
    "a string longer than any": ("string", words(0, 0xFFFF_FFFF), "", "a string of 4294967295"),
    "no UTF-8": ("string", words(16, 1), bytes_at(16, 0xFF), "UTF-8"),
    "UTF-8 needlessly long": ("string", words(16, 2), bytes_at(16, 0xC0, 0x80), "UTF-8"),
    "UTF-8 of a surrogate": ("string", words(16, 3), bytes_at(16, 0xED, 0xA0, 0x80), "UTF-8"),
    "UTF-8 cut short": ("string", words(16, 2), bytes_at(16, 0xF0, 0x9F), "UTF-8"),
    "a list whose size overflows": ("(list u64)", words(0, 0x2000_0001), "", "a list of"),
    "a list that is not aligned": ("(list u32)", words(2, 1), "", "not aligned"),
    "a list beyond memory": ("(list string)", words(PAGE - 8, 2), "", "out of bounds"),
    "a bad string in a list": ("(list string)", words(2048, 1), bytes_at(2048, *b"\xff" * 8), ""),
    "a character that is a surrogate": ("char", "(i32.const 0xd800)", "", "Unicode scalar value"),
    "a character beyond Unicode": ("char", "(i32.const 0x110000)", "", "Unicode scalar value"),
    "a case there is none of": ("(option u8)", words(2), "", "unexpected discriminant: 2"),
    "a case of a result": ("(result)", "(i32.const 2)", "", "unexpected discriminant: 2"),
    "a case far beyond": ("(result)", "(i32.const -1)", "", "unexpected discriminant"),
    "a case of a variant": ("$v", words(255), SHAPE, "unexpected discriminant: 255"),
}


@pytest.mark.parametrize("case", GIVEN)
def test_values_that_mean_nothing(case: str) -> None:
    type, code, extra, reason = GIVEN[case]
    names, data = (extra, "") if extra.startswith("(type") else ("", extra)
    assert reason in trap_of(giver(type, code, data, names=names))


@pytest.mark.parametrize(
    ("encoding", "length", "text", "reason"),
    [
        ("utf16", 1, b"\x00\xd8", "UTF-16"),
        ("utf16", 1, b"\x00\xdc", "UTF-16"),
        ("utf16", 2, b"\x00\xd8\x00\xd8", "UTF-16"),
        ("utf16", 0x4000_0000, b"", "a string of 2147483648 bytes"),
        ("latin1+utf16", TAG | 1, b"\x00\xd8", "UTF-16"),
        ("latin1+utf16", TAG | PAGE, b"", "out of bounds"),
        ("latin1+utf16", 0x7FFF_FFFF, b"", "a string of 2147483647 bytes"),
    ],
)
def test_strings_in_other_encodings(encoding: str, length: int, text: bytes, reason: str) -> None:
    guest = giver("string", words(16, length), bytes_at(16, *text), encoding)
    assert reason in trap_of(guest)


@pytest.mark.parametrize("encoding", ["utf16", "latin1+utf16"])
def test_a_string_that_is_not_aligned(encoding: str) -> None:
    assert "not aligned" in trap_of(giver("string", words(17, 1), "", encoding))


def taker(type: str, realloc: str, encoding: str = "utf8", extra: str = "") -> str:
    """A guest that is given a value of a type, for which `realloc` finds a place."""
    return f"""(component
      (import "note" (func $note))
      (core func $note (canon lower (func $note)))
      (core module $m
        (import "" "note" (func $note))
        (memory (export "memory") 1)
        (global $calls (mut i32) (i32.const 0))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
          (global.set $calls (i32.add (global.get $calls) (i32.const 1))) {realloc})
        (func (export "run") (param i32 i32)) {extra})
      (core instance $i (instantiate $m (with "" (instance (export "note" (func $note))))))
      (func (export "run") (param "x" {type}) (canon lift (core func $i "run")
        (memory (core memory $i "memory")) (realloc (core func $i "realloc"))
        string-encoding={encoding})))"""


TAKEN = {
    "beyond memory": (f"(i32.const {PAGE})", "out of bounds"),
    "so that the end overflows": (f"(i32.const {FAR})", "out of bounds"),
    "where the value ends beyond memory": (f"(i32.const {PAGE - 8})", "out of bounds"),
    "that is not aligned": ("(i32.const 1)", "not aligned"),
    "by trapping": ("unreachable", "unreachable"),
    "by calling out": ("(call $note) (i32.const 0)", "calls out of a function that must not"),
    "never, for it recurses": ("(call 1 (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))",
                               "call stack exhausted"),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_a_place_for_a_list_is_given(case: str) -> None:
    realloc, reason = TAKEN[case]
    assert reason in trap_of(taker("(list u64)", realloc), [1, 2])


@pytest.mark.parametrize("encoding", ["utf8", "utf16", "latin1+utf16"])
def test_a_second_place_for_a_growing_string_is_beyond_memory(encoding: str) -> None:
    realloc = (
        f"(select (i32.const 8) (i32.const {PAGE}) (i32.eq (global.get $calls) (i32.const 1)))"
    )
    guest = taker("(list string)", realloc, encoding)
    assert "out of bounds" in trap_of(guest, ["a", "é€"])


def test_memory_that_grows_while_a_value_is_lowered_is_seen() -> None:
    grow = f"(drop (memory.grow (i32.const 1))) (i32.mul (global.get $calls) (i32.const {PAGE}))"
    instance = instance_of(taker("(list string)", grow))
    assert instance.func("run").call(["a" * 1000] * 20) is None
    instance.close()


def test_nothing_is_called_after_a_result_is_given() -> None:
    wat = """(component
      (import "note" (func $note))
      (core func $note (canon lower (func $note)))
      (core module $m (import "" "note" (func $note))
        (func (export "run") (result i32) (i32.const 1))
        (func (export "post") (param i32) (call $note)))
      (core instance $i (instantiate $m (with "" (instance (export "note" (func $note))))))
      (func (export "run") (result u32)
        (canon lift (core func $i "run") (post-return (core func $i "post")))))"""
    assert "calls out of a function that must not" in trap_of(wat)


RESOURCES = """(component
  (type $a (resource (rep i32)))
  (type $b (resource (rep i32)))
  (core func $new-a (canon resource.new $a))
  (core func $new-b (canon resource.new $b))
  (core func $rep-a (canon resource.rep $a))
  (core func $drop-a (canon resource.drop $a))
  (core module $m
    (import "" "new-a" (func $new-a (param i32) (result i32)))
    (import "" "new-b" (func $new-b (param i32) (result i32)))
    (import "" "rep-a" (func $rep-a (param i32) (result i32)))
    (import "" "drop-a" (func $drop-a (param i32)))
    (func (export "run") {code}))
  (core instance $i (instantiate $m (with "" (instance
    (export "new-a" (func $new-a)) (export "new-b" (func $new-b))
    (export "rep-a" (func $rep-a)) (export "drop-a" (func $drop-a))))))
  (func (export "run") (canon lift (core func $i "run"))))"""


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("(call $drop-a (i32.const 0))", "unknown handle index 0"),
        ("(call $drop-a (i32.const 1))", "unknown handle index 1"),
        ("(call $drop-a (i32.const -1))", "unknown handle index"),
        ("(call $drop-a (call $new-b (i32.const 5)))", "of another type"),
        ("(drop (call $rep-a (call $new-b (i32.const 5))))", "of another type"),
        ("(drop (call $rep-a (i32.const 7)))", "unknown handle index 7"),
        (
            "(call $drop-a (call $new-a (i32.const 5))) (call $drop-a (i32.const 1))",
            "unknown handle index 1",
        ),
    ],
)
def test_handles_that_mean_nothing(code: str, reason: str) -> None:
    assert reason in trap_of(RESOURCES.replace("{code}", code))


def test_components_that_call_one_another_without_end() -> None:
    # A component may call itself through a function that it has lifted.
    wat = """(component
      (core module $Table (table (export "table") 1 funcref)
        (type $f (func)) (func (export "go") (call_indirect (type $f) (i32.const 0))))
      (core instance $table (instantiate $Table))
      (func $run (canon lift (core func $table "go")))
      (core func $again (canon lower (func $run)))
      (core module $Fill (import "" "table" (table 1 funcref)) (import "" "again" (func $again))
        (elem (i32.const 0) func $again))
      (core instance (instantiate $Fill (with "" (instance
        (export "table" (table $table "table")) (export "again" (func $again))))))
      (export "run" (func $run)))"""
    assert "call stack exhausted" in trap_of(wat)

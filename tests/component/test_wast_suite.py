"""What the runner of scripts must notice and survive."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from spindle.component.component import Compiler
from spindle.component.core import Engine
from spindle.component.values import Err, Ok, Some, Variant
from spindle.component.wast.forms import FormError, read_forms
from spindle.component.wast.literals import same, value_of
from spindle.component.wast.runner import Runner
from spindle.component.wast.suite import Expected, run_suite
from spindle.wasm.types import (
    CaseType,
    EnumType,
    FieldType,
    FlagsType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

U8, U32, S8, STRING = PrimValType.U8, PrimValType.U32, PrimValType.S8, PrimValType.STRING
NUMBER = """
(component (core module $m (func (export "n") (result i32) (i32.const 7))
                           (func (export "t") unreachable)
                           (func (export "loop") (loop $l (br $l))))
  (core instance $i (instantiate $m))
  (func (export "n") (result u32) (canon lift (core func $i "n")))
  (func (export "t") (canon lift (core func $i "t")))
  (func (export "loop") (canon lift (core func $i "loop"))))
"""


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler(Engine(), None)


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ('(assert_return (invoke "n") (u32.const 7))', None),
        ('(assert_return (invoke "n") (u32.const 8))', "gives 7 instead of `(u32.const 8)`"),
        ('(assert_return (invoke "n"))', "gives 1 results instead of 0"),
        ('(assert_return (invoke "t"))', "unreachable"),
        ('(assert_trap (invoke "t") "unreachable")', None),
        ('(assert_trap (invoke "t") "something else")', "instead of `something else`"),
        ('(assert_trap (invoke "n") "x")', "does not fail; expected `x`"),
        ('(assert_return (invoke "gone"))', "exports no function `gone`"),
        ('(invoke "n" (u32.const 1))', "takes 0 arguments"),
        ('(invoke $other "n")', "there is no instance `$other`"),
        ('(assert_invalid (component) "x")', "does not fail"),
        ('(assert_invalid (component (func (type 3))) "")', None),
        ('(assert_malformed (component binary "\\00asm") "")', None),
        ('(assert_malformed (component quote "(oops)") "")', None),
        ("(component binary)", "the file is empty"),
        ("(dance)", "the command `dance` is not known"),
    ],
)
def test_commands_pass_or_say_why_not(
    compiler: Compiler, command: str, problem: str | None
) -> None:
    outcomes = list(Runner(compiler, check_messages=True).run(NUMBER + command))
    assert [outcome.problem for outcome in outcomes[:-1]] == [None]
    found = outcomes[-1].problem
    assert found is None if problem is None else found is not None and problem in found


@pytest.mark.parametrize(
    ("text", "type", "value"),
    [
        ("(u32.const 0x10)", U32, 16),
        ("(s8.const -3)", S8, -3),
        ("(bool.const true)", PrimValType.BOOL, True),
        ("(f32.const 0.1)", PrimValType.F32, 0.10000000149011612),
        ("(f64.const -inf)", PrimValType.F64, -math.inf),
        ("(f64.const 0x1.8p1)", PrimValType.F64, 3.0),
        ('(str.const "a\\u{e9}\\n")', STRING, "aé\n"),
        ("(list.const (u8.const 1) (u8.const 2))", ListType(U8), b"\1\2"),
        ("(tuple.const (u8.const 1) (u32.const 2))", TupleType((U8, U32)), (1, 2)),
        ('(record.const (field "a" u8.const 1))', RecordType((FieldType("a", U8),)), (1,)),
        ('(record.const (field "a" (u8.const 1)))', RecordType((FieldType("a", U8),)), (1,)),
        ('(variant.const "c" (u8.const 1))', VariantType((CaseType("c", U8),)), Variant("c", 1)),
        ('(enum.const "b")', EnumType(("a", "b")), "b"),
        ('(flags.const "b" "a")', FlagsType(("a", "b")), frozenset("ab")),
        ("(option.none)", OptionType(U8), None),
        ("(option.some (u8.const 1))", OptionType(U8), 1),
        ("(option.some (option.none))", OptionType(OptionType(U8)), Some(None)),
        ("(result.ok (u8.const 1))", ResultType(U8, None), Ok(1)),
        ("(result.err)", ResultType(U8, None), Err(None)),
        ("(list.const (tuple.const (u8.const 1) (u8.const 2)))", MapType(U8, U8), {1: 2}),
    ],
)
def test_literals_mean_values(text: str, type: ValType, value: Any) -> None:
    (form,) = read_forms(text)
    assert same(value_of(form, type), value)


@pytest.mark.parametrize(
    ("one", "other"),
    [(0.0, -0.0), (Ok(1), Err(1)), ([1, 2], [1]), (b"a", b"b"), (math.nan, 1.0), ((1.0,), (2.0,))],
)
def test_different_values_differ(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert same(one, one)


@pytest.mark.parametrize("text", ["(a", "a)", '("a)', "(; a", "(component (field))("])
def test_what_is_no_script_is_refused(text: str) -> None:
    with pytest.raises(FormError):
        read_forms(text)


def test_a_script_that_hangs_costs_itself_only(tmp_path: Path) -> None:
    (tmp_path / "a.wast").write_text(NUMBER + '(invoke "loop") (invoke "n")')
    (tmp_path / "b.wast").write_text(NUMBER + '(assert_return (invoke "n") (u32.const 7))')
    hanging, well = run_suite([tmp_path], limit=10)
    assert [o.problem for o in hanging.problems] == ["not reached: the script ran for 10 s"] * 2
    assert (hanging.passed, hanging.total) == (1, 3)
    assert (well.passed, well.total) == (2, 2)


def test_what_is_known_not_to_pass_is_told_from_surprises(tmp_path: Path) -> None:
    (tmp_path / "a.wast").write_text(NUMBER + '(invoke "gone")\n(invoke "n")')
    reports = list(run_suite([tmp_path]))
    (problem,) = reports[0].problems
    known = Expected("# a remark\na.wast:9 it is gone\nb.wast all of it\n")
    assert known.covers("a.wast", problem)
    assert known.outdated(reports) == []
    assert Expected("a.wast:10 why").outdated(reports) == ["a.wast:10"]
    assert not Expected().covers("a.wast", problem)

"""Ours and wasmtime's own component API must agree on what values mean, and on what traps."""

from typing import Any

import pytest
import wasmtime
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.component.differential import Native, attempts, confused, echo, equal, is_native, ours
from tests.component.guest_memory import ENCODINGS
from tests.component.type_strategies import val_types, values

from spindle.component.values import Ok
from spindle.wasm.types import ListType, PrimValType, ResultType, TupleType, ValType

FIELDS = ListType(TupleType((PrimValType.STRING, ListType(PrimValType.U8))))

# Each example compiles a component twice.
unhurried = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
encodings = st.sampled_from(ENCODINGS)
native_types = val_types(gated=False).filter(is_native)
native_values = native_types.flatmap(lambda t: st.tuples(st.just(t), values(t)))


@unhurried
@given(native_values, encodings, encodings)
@example((TupleType((ListType(PrimValType.STRING),)), (["a", "é", "€", "🐍"],)), "utf16", "utf8")
@example((FIELDS, [(f"name-{i}", bytes([i]) * i) for i in range(20)]), "utf8", "utf8")
@example((ResultType(PrimValType.F32, PrimValType.U64), Ok(-1.5)), "utf8", "utf8")
def test_values_through_two_guests(typed: tuple[ValType, Any], outer: str, inner: str) -> None:
    t, value = typed
    binary = bytes(wasmtime.wat2wasm(echo(t, outer, inner)))
    seen: list[Any] = []

    def host(received: Any) -> tuple[Any]:
        seen.append(received)
        return (received,)

    theirs = Native(binary, t, {"echo": host}).call("run", value)
    mine = ours(binary, "run", value, echo=host)
    assert seen == [value, value]
    assert [theirs, mine] == [value, value]


_chunks = st.one_of(
    st.integers(0, 4).map(lambda i: i.to_bytes(4, "little")),
    st.integers(0, 4).map(lambda i: bytes([i])),
    st.binary(max_size=8),
)
_numbers = st.lists(st.integers(0, 4) | st.integers(0, 2**64 - 1), min_size=16, max_size=16)


@unhurried
@given(native_types, st.lists(_chunks, max_size=32).map(b"".join), _numbers, encodings)
def test_memory_without_meaning(t: ValType, data: bytes, numbers: list[int], encoding: str) -> None:
    binary = bytes(wasmtime.wat2wasm(confused(t, data, numbers, encoding)))
    for name in ("give", "take"):
        theirs, mine = attempts(binary, t, name)
        assert equal(theirs, mine), (theirs, mine)


@pytest.mark.parametrize("name", ["give", "take"])
def test_both_trap_on_a_bad_discriminant(name: str) -> None:
    t = ResultType(PrimValType.U8, PrimValType.STRING)
    binary = bytes(wasmtime.wat2wasm(confused(t, b"\x02", [2] * 16, "utf8")))
    assert attempts(binary, t, name) == (None, None)

"""Values of any type, as people have them, through guests and back."""

from typing import Any

import wasmtime
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.component.differential import Native, echo, is_native
from tests.component.guest_memory import ENCODINGS
from tests.component.type_strategies import val_types, values

from spindle.component.values import Ok, Variant
from spindle.typed import component
from spindle.wasm.types import (
    CaseType,
    EnumType,
    FieldType,
    FlagsType,
    ListType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

unhurried = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
SHAPE = VariantType((CaseType("circle", PrimValType.F64), CaseType("none", None)))
ACCESS = FlagsType(("read", "write"))
MIXED = RecordType(
    (
        FieldType("shape", SHAPE),
        FieldType("access", ListType(ACCESS)),
        FieldType("colour", OptionType(EnumType(("red", "dark-blue")))),
    )
)
# In a tuple, for a function whose own result is a `result` raises its errors.
native_values = (
    val_types(gated=False)
    .map(lambda t: TupleType((t,)))
    .filter(is_native)
    .flatmap(lambda t: st.tuples(st.just(t), values(t)))
)


@unhurried
@given(native_values, st.sampled_from(ENCODINGS), st.sampled_from(ENCODINGS))
@example((MIXED, (Variant("circle", 1.5), [frozenset({"write"})], "dark-blue")), "utf8", "utf8")
@example((ListType(ResultType(None, SHAPE)), [Ok()]), "utf8", "utf16")
@example((OptionType(OptionType(ACCESS)), None), "utf8", "utf8")
def test_values_through_two_guests(typed: tuple[ValType, Any], outer: str, inner: str) -> None:
    t, value = typed
    binary = bytes(wasmtime.wat2wasm(echo(t, outer, inner)))
    seen: list[Any] = []

    def host(received: Any) -> Any:
        seen.append(received)
        return received

    theirs = Native(binary, t, {"echo": lambda x: (x,)}).call("run", value)
    with component(binary, imports={"echo": host}) as c:
        first = c.run(value)
        assert c.run(first) == first  # what a person gets, a person can give
        assert seen == [first, first]
        [param] = c._loaded.plan.exports["run"].type.params  # type: ignore[union-attr]  # a function
        give = c._exporter.conversions.give(param.type)
        assert (first if give is None else give(first)) == theirs == value

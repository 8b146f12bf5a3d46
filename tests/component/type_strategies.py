"""Random component types, and random values of a type as lifting gives them."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from spindle.component.canon.despecialize import cases
from spindle.component.canon.scalars import RANGES
from spindle.component.values import Err, Ok, Some, Variant, record_class
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

PRIMITIVES = [t for t in PrimValType if t is not PrimValType.ERROR_CONTEXT]
KEYS = [t for t in PRIMITIVES if t not in (PrimValType.F32, PrimValType.F64)]

_WORDS = ("a", "b2", "from", "content-type", "class", "index", "count", "value", "HTTP", "none")


def labels(low: int = 1, high: int = len(_WORDS)) -> SearchStrategy[tuple[str, ...]]:
    """Distinct labels, some of them awkward in Python."""
    return st.lists(st.sampled_from(_WORDS), min_size=low, max_size=high, unique=True).map(tuple)


def _many(count: int) -> tuple[str, ...]:
    return tuple(f"l{i}" for i in range(count))


def leaves() -> SearchStrategy[ValType]:
    """Types without parts."""
    return st.one_of(
        st.sampled_from(PRIMITIVES),
        labels().map(EnumType),
        st.sampled_from([256, 257, 300]).map(lambda count: EnumType(_many(count))),
        st.sampled_from([1, 8, 9, 16, 17, 32]).map(lambda count: FlagsType(_many(count))),
    )


def _records(types: SearchStrategy[ValType]) -> SearchStrategy[ValType]:
    return labels(1, 5).flatmap(
        lambda names: st.tuples(*(types for _ in names)).map(
            lambda chosen: RecordType(tuple(map(FieldType, names, chosen)))
        )
    )


def _variants(types: SearchStrategy[ValType]) -> SearchStrategy[ValType]:
    return labels(1, 8).flatmap(
        lambda names: st.tuples(*(st.none() | types for _ in names)).map(
            lambda chosen: VariantType(tuple(map(CaseType, names, chosen)))
        )
    )


def compounds(types: SearchStrategy[ValType], *, gated: bool = True) -> SearchStrategy[ValType]:
    """Types made of others; `gated` ones too: those engines have behind a feature flag."""
    strategies: list[SearchStrategy[ValType]] = [
        types.map(ListType),
        _records(types),
        _variants(types),
        st.lists(types, min_size=1, max_size=5).map(lambda ts: TupleType(tuple(ts))),
        types.map(OptionType),
        st.builds(ResultType, st.none() | types, st.none() | types),
    ]
    if gated:
        strategies.append(st.builds(ListType, types, st.integers(1, 5)))
        strategies.append(st.builds(MapType, st.sampled_from(KEYS), types))
    return st.one_of(strategies)


def val_types(*, gated: bool = True, max_leaves: int = 12) -> SearchStrategy[ValType]:
    """Any value type but those with handles."""
    return st.recursive(
        leaves(), lambda types: compounds(types, gated=gated), max_leaves=max_leaves
    )


TEXT = st.one_of(
    st.text(max_size=8),
    st.text(st.characters(max_codepoint=127), max_size=8),
    st.text(st.characters(max_codepoint=255), max_size=8),
)


def values(t: ValType) -> SearchStrategy[Any]:
    """Values of a type, NaN left out since it equals nothing."""
    match t:
        case PrimValType():
            return _primitives(t)
        case ListType(PrimValType.U8, length):
            low, high = (0, 8) if length is None else (length, length)
            return st.binary(min_size=low, max_size=high)
        case ListType(element, length):
            low, high = (0, 4) if length is None else (length, length)
            return st.lists(values(element), min_size=low, max_size=high)
        case MapType(key, value):
            return st.dictionaries(values(key), values(value), max_size=3)
        case RecordType(fields):
            cls = record_class(t)
            return st.tuples(*(values(field.type) for field in fields)).map(
                lambda items: cls(*items)
            )
        case TupleType(types):
            return st.tuples(*map(values, types))
        case FlagsType(names):
            return st.frozensets(st.sampled_from(names))
        case EnumType(names):
            return st.sampled_from(names)
        case OptionType(inner):
            some = values(inner)
            return st.none() | (some.map(Some) if isinstance(inner, OptionType) else some)
        case ResultType(ok, error):
            return st.one_of(_payloads(ok).map(Ok), _payloads(error).map(Err))
        case VariantType():
            return st.sampled_from(cases(t)).flatmap(
                lambda case: st.builds(Variant, st.just(case.label), _payloads(case.type))
            )
        case _:
            raise AssertionError(f"no values of {t}")


def _payloads(t: ValType | None) -> SearchStrategy[Any]:
    return st.none() if t is None else values(t)


def _primitives(t: PrimValType) -> SearchStrategy[Any]:
    match t:
        case PrimValType.BOOL:
            return st.booleans()
        case PrimValType.F32:
            return st.floats(width=32, allow_nan=False)
        case PrimValType.F64:
            return st.floats(allow_nan=False)
        case PrimValType.CHAR:
            return st.characters(exclude_categories=["Cs"])
        case PrimValType.STRING:
            return TEXT
        case _:
            return st.integers(*RANGES[t])


typed_values = val_types().flatmap(lambda t: st.tuples(st.just(t), values(t)))
"""A type with a value of it."""

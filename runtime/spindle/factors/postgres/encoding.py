"""Parameters of statements: from payloads of `parameter-value` to PostgreSQL's binary formats.

The server says which type each parameter of a statement has. As in Spin, a value is taken for a
few types and is not converted to others: an `int32` is no `bigint`. The statement can: `$1::int4`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from struct import Struct, pack
from typing import Any, NamedTuple
from uuid import UUID

from spindle.factors.postgres import oids
from spindle.factors.postgres.calendar import days_of, is_date
from spindle.factors.postgres.failures import query_failed
from spindle.factors.postgres.numeric import numeric_binary
from spindle.text import quoted_list

_DAY = 86_400 * 1_000_000
_EPOCH = 946_684_800
"""2000-01-01 in seconds since 1970."""
_MOST_YEARS = 262_143
"""Of either sign: those that Spin's calendar has."""
_INT4, _INT8, _LENGTH = Struct(">i").pack, Struct(">q").pack, Struct(">i").pack
_EMPTY, _LOWER_INCLUSIVE, _UPPER_INCLUSIVE, _NO_LOWER, _NO_UPPER = 1, 2, 4, 8, 16


class Parameter(NamedTuple):
    """A parameter's value before its type is known."""

    case: str
    data: bytes | None


class Taken(NamedTuple):
    """How a case of `parameter-value` is sent."""

    encode: Callable[[Any], bytes]
    """Raises `ValueError` for what is no such value."""
    types: tuple[int, ...]
    """The types it is sent as."""
    names: tuple[str, ...] = ()
    """Types of extensions, whose numbers differ between databases."""


def parameter(value: Any) -> Parameter:
    """A `parameter-value`; raises `ValueError` for dates there are not, and the like."""
    case, payload = value
    taken = CASES.get(case)
    return Parameter(case, None if taken is None else taken.encode(payload))


def bound(number: int, given: Parameter, type: int, name: str) -> bytes | None:
    """What to send for a statement's parameter of a type; raises `DatabaseError`."""
    if given.data is None:
        return None
    taken = CASES[given.case]
    if type not in taken.types and name not in taken.names:
        raise query_failed(_unfit(number, given.case, type, name))
    if type == oids.JSONB or name in _VERSIONED:
        return b"\1" + given.data
    return given.data


def _unfit(number: int, case: str, type: int, name: str) -> str:
    wanted = [label for label, taken in CASES.items() if type in taken.types]
    text = f"parameter ${number} has the type `{name}` in the statement, but `{case}` was given"
    cast = oids.NAMES[CASES[case].types[0]]
    advice = f"cast it: `${number}::{cast}`"
    if wanted:
        advice = f"give {quoted_list(wanted)}, or {advice}"
    return f"{text}; {advice}"


def _datetime(value: tuple[int, ...]) -> bytes:
    return _INT8(_days(value[:3]) * _DAY + _micros(value[3:]))


def _days(date: tuple[int, ...]) -> int:
    year, month, day = date
    if abs(year) > _MOST_YEARS or not is_date((year, month, day)):
        raise ValueError(f"invalid date y={year}, m={month}, d={day}")
    return days_of((year, month, day))


def _micros(time: tuple[int, ...]) -> int:
    hour, minute, second, nanosecond = time
    leap = 1_000_000_000 if second == 59 else 0
    if hour > 23 or minute > 59 or second > 59 or nanosecond >= 1_000_000_000 + leap:
        raise ValueError(f"invalid time {hour}:{minute}:{second}:{nanosecond}")
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + nanosecond // 1000


def _timestamp(seconds: int) -> bytes:
    if abs(seconds) > _MOST_YEARS * 366 * 86_400:
        raise ValueError(f"invalid epoch timestamp {seconds}")
    return _INT8((seconds - _EPOCH) * 1_000_000)


def _uuid(text: str) -> bytes:
    try:
        return UUID(text).bytes
    except ValueError:
        raise ValueError(f"invalid UUID `{text[:100]}`") from None


def _json(text: bytes) -> bytes:
    try:
        json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"invalid JSON: {error}") from None
    return text


def _no_number(text: str) -> None:
    raise ValueError(f"`{text}` is no number of JSON's")


def _range(key: Callable[[Any], Any], encode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    def encoded(value: Any) -> bytes:
        lower, upper = value
        flags, bounds = 0, b""
        for side, none, inclusive in (
            (lower, _NO_LOWER, _LOWER_INCLUSIVE), (upper, _NO_UPPER, _UPPER_INCLUSIVE)
        ):  # fmt: skip
            if side is None:
                flags |= none
                continue
            data = encode(side[0])
            bounds += _LENGTH(len(data)) + data
            flags |= inclusive if side[1] == "inclusive" else 0
        if lower is not None and upper is not None and key(lower[0]) > key(upper[0]):
            return bytes([_EMPTY])
        return bytes([flags]) + bounds

    return encoded


def _array(type: int, encode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    def encoded(items: list[Any]) -> bytes:
        if not items:
            return pack(">iii", 0, 0, type)
        parts = [pack(">iiiii", 1, int(None in items), type, len(items), 1)]
        for item in items:
            data = None if item is None else encode(item)
            parts += (_LENGTH(-1),) if data is None else (_LENGTH(len(data)), data)
        return b"".join(parts)

    return encoded


_TEXT_NAMES = ("citext", "ltree", "lquery", "ltxtquery")
_VERSIONED = frozenset(_TEXT_NAMES[1:])
"""Types whose binary format begins with a version, which is 1."""

CASES: dict[str, Taken] = {
    "boolean": Taken(lambda value: b"\1" if value else b"\0", (oids.BOOL,)),
    "int8": Taken(Struct(">b").pack, (oids.CHAR,)),
    "int16": Taken(Struct(">h").pack, (oids.INT2,)),
    "int32": Taken(_INT4, (oids.INT4,)),
    "int64": Taken(_INT8, (oids.INT8,)),
    "floating32": Taken(Struct(">f").pack, (oids.FLOAT4,)),
    "floating64": Taken(Struct(">d").pack, (oids.FLOAT8,)),
    "str": Taken(
        str.encode, (oids.TEXT, oids.VARCHAR, oids.BPCHAR, oids.NAME, oids.UNKNOWN), _TEXT_NAMES
    ),
    "binary": Taken(bytes, (oids.BYTEA,)),
    "date": Taken(lambda date: _INT4(_days(date)), (oids.DATE,)),
    "time": Taken(lambda time: _INT8(_micros(time)), (oids.TIME,)),
    "datetime": Taken(_datetime, (oids.TIMESTAMP, oids.TIMESTAMPTZ)),
    "timestamp": Taken(_timestamp, (oids.TIMESTAMPTZ,)),
    "uuid": Taken(_uuid, (oids.UUID,)),
    "jsonb": Taken(_json, (oids.JSONB, oids.JSON)),
    "decimal": Taken(numeric_binary, (oids.NUMERIC,)),
    "range-int32": Taken(_range(int, _INT4), (oids.INT4_RANGE,)),
    "range-int64": Taken(_range(int, _INT8), (oids.INT8_RANGE,)),
    "range-decimal": Taken(_range(Decimal, numeric_binary), (oids.NUM_RANGE,)),
    "array-int32": Taken(_array(oids.INT4, _INT4), (oids.INT4_ARRAY,)),
    "array-int64": Taken(_array(oids.INT8, _INT8), (oids.INT8_ARRAY,)),
    "array-decimal": Taken(_array(oids.NUMERIC, numeric_binary), (oids.NUMERIC_ARRAY,)),
    "array-str": Taken(_array(oids.TEXT, str.encode), (oids.TEXT_ARRAY,)),
    "interval": Taken(lambda value: pack(">qii", *value), (oids.INTERVAL,)),
}
"""By the case of `parameter-value`; what is not in here is null."""

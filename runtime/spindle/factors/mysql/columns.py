"""What MySQL's types are to guests: a column's `db-data-type`, and its values' cases.

As in Spin: numbers as the column has them, signed or not; text; bytes where the column compares
as bytes, which text of a `_bin` collation does too. Dates and times, decimals, years, bits and
JSON have no type here: such a column is `other`, and a value in it that is not null is an error.
Spec: `spin:mysql/mysql@3.0.0`; https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from spindle.factors.rdbms import Column, DatabaseError

UNSIGNED, BINARY = 1 << 5, 1 << 7
TEXT, BYTES, OTHER = "str", "binary", "other"
NULL = "db-null"

_INTEGERS = {1: "int8", 2: "int16", 3: "int32", 8: "int64", 9: "int32"}
_FLOATS = {4: "floating32", 5: "floating64"}
_YEAR = 13
_FIXED = frozenset((*_INTEGERS, *_FLOATS, _YEAR))
"""Types whose values have a fixed size on the wire; all others begin with their length."""
_STRINGS = frozenset((252, 253, 254))
_ALWAYS_BYTES = frozenset((250, 251))
_ANY_LENGTH = 254
_NAMES = {
    0: "DECIMAL", 7: "TIMESTAMP", 10: "DATE", 11: "TIME", 12: "DATETIME", 13: "YEAR",
    15: "VARCHAR", 16: "BIT", 245: "JSON", 246: "DECIMAL", 255: "GEOMETRY",
}  # fmt: skip

Spec = tuple[int, bool, int, str | None, None]
"""How asyncmy reads a column: type, unsigned, decoding (0 bytes, 1 UTF-8), codec, converter."""
Convert = Callable[[list[tuple[Any, ...]]], list[list[Any]]]


class Field(NamedTuple):
    """A column as the server describes it."""

    name: str
    type_code: int
    flags: int

    @property
    def data_type(self) -> str:
        """Its `db-data-type`."""
        code, binary = self.type_code, bool(self.flags & BINARY)
        if (integer := _INTEGERS.get(code)) is not None:
            return f"u{integer}" if self.flags & UNSIGNED else integer
        if code in _STRINGS:
            return BYTES if binary else TEXT
        return BYTES if code in _ALWAYS_BYTES else _FLOATS.get(code, OTHER)

    @property
    def column(self) -> Column:
        """What guests see of it."""
        return Column(self.name, self.data_type)

    @property
    def spec(self) -> Spec:
        """How it is read: what has no type here as raw bytes, so that nothing is lost."""
        code = self.type_code if self.type_code in _FIXED else _ANY_LENGTH
        text = self.data_type == TEXT
        return code, bool(self.flags & UNSIGNED), int(text), "utf8" if text else None, None


def converter(fields: Sequence[Field]) -> Convert:
    """What makes rows of Python values rows of `db-value`s; it raises `DatabaseError`.

    It is compiled for the columns: rows are many, and all alike.
    """

    def no_type(column: int) -> None:
        raise _no_type(fields[column])

    if not fields:
        return lambda _rows: []
    values = "".join(f"v{i}," for i in range(len(fields)))
    cases = "".join(
        f"NULL if v{i} is None else "
        + (f"no_type({i})," if field.data_type == OTHER else f"({field.data_type!r}, v{i}),")
        for i, field in enumerate(fields)
    )
    names = {"NULL": NULL, "no_type": no_type}
    convert: Convert = eval(f"lambda rows: [[{cases}] for {values} in rows]", names)
    return convert


def _no_type(field: Field) -> DatabaseError:
    name = _NAMES.get(field.type_code, f"number {field.type_code}")
    return DatabaseError(
        "value-conversion-failed",
        f"column `{field.name}` is of type {name}, which guests have no type for; "
        f"select it as text: CAST({field.name} AS CHAR)",
    )

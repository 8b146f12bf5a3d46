"""Statements executed by guests, in each language and by each version of the interface."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.labs import Laboratory

Tagged = tuple[str, Any]
"""A case of `value` by its label, and what it holds."""

_PYTHON = """
def dec(value):
    return [type(value).__name__.removeprefix("Value_").lower(), getattr(value, "value", None)]
def enc(tag, value):
    case = getattr(@TYPES@, "Value_" + tag.capitalize())
    if tag == "null":
        return case()
    return case(base64.b64decode(value) if tag == "blob" else value)
def error(value):
    return {"error": [type(value).__name__.removeprefix("Error_"), getattr(value, "value", None)]}
def table(columns, rows):
    return [columns, [[dec(value) for value in row.values] for row in rows]]
"""
_SYNC = """
connection = @TYPES@.Connection.open(@DATABASE@)
found = []
for sql, values in @STATEMENTS@:
    try:
        result = connection.execute(sql, [enc(*value) for value in values])
        found.append(table(result.columns, result.rows))
    except Err as raised:
        found.append(error(raised.value))
"""
_ASYNC = """
connection = await @TYPES@.Connection.open_async(@DATABASE@)
found = []
for sql, values in @STATEMENTS@:
    columns, rows, end = await connection.execute_async(sql, [enc(*value) for value in values])
    kept = []
    with rows, end:
        while not rows.writer_dropped:
            kept += await rows.read(100)
        result = await end.read()
    found.append(error(result.value) if isinstance(result, Err) else table(columns, kept))
"""
_NUMBERS = "return found, connection.changes(), connection.last_insert_rowid()"
_ASYNC_NUMBERS = (
    "return found, await connection.changes_async(), await connection.last_insert_rowid_async()"
)
_JAVASCRIPT = """
const read = (value) => typeof value === "bigint" ? value.toString() : value ?? null;
const plain = ({ tag, val }) => [tag, read(val)];
const enc = ([tag, value]) => {
  if (tag === "null") return { tag };
  if (tag === "integer") return { tag, val: BigInt(value) };
  if (tag === "blob") return { tag, val: Uint8Array.from(atob(value), (c) => c.charCodeAt(0)) };
  return { tag, val: value };
};
const found = [];
for (const [sql, values] of @STATEMENTS@) {
  try {
    const result = execute(sql, values.map(enc));
    found.push([result.columns, result.rows.map((row) => row.values.map(plain))]);
  } catch (error) {
    const value = error.payload ?? error;
    found.push({ error: plain(value) });
  }
}
"""
_HELD = """
const connection = @TYPES@.Connection.open(@DATABASE@);
const execute = (sql, values) => connection.execute(sql, values);
"""
_NUMBERED = """
const connection = @TYPES@.open(@DATABASE@);
const execute = (sql, values) => @TYPES@.execute(connection, sql, values);
"""


class Dialect(NamedTuple):
    """One version of the interface in one language."""

    guest: str
    types: str
    """What the interface is called there."""
    code: str
    counts: bool
    """Whether it tells of changes and row ids."""

    def source(self, statements: Sequence[tuple[str, Sequence[Tagged]]], database: str) -> str:
        """The code that executes statements."""
        script = self.guest == "lab-javascript"
        text = json.dumps(
            [[sql, [_sent(*v, script) for v in values]] for sql, values in statements]
        )
        loaded = f"JSON.parse({json.dumps(text)})" if script else f"json.loads({text!r})"
        names = (
            ("@TYPES@", self.types),
            ("@STATEMENTS@", loaded),
            ("@DATABASE@", json.dumps(database)),
        )
        code = self.code
        for name, value in names:
            code = code.replace(name, value)
        return code


def _sent(tag: str, value: Any, script: bool) -> list[Any]:
    if tag == "blob":
        return [tag, base64.b64encode(value).decode()]
    return [tag, str(value) if script and tag == "integer" else value]


def _javascript(version: str, held: str = _HELD) -> Dialect:
    counts = version.startswith("spin:")
    end = "connection.changes(), connection.lastInsertRowid()" if counts else ""
    code = f"{held}{_JAVASCRIPT}return [found, {end}];"
    return Dialect("lab-javascript", f'imported["{version}"]', code, counts)


DIALECTS = {
    "fermyon:spin JavaScript": _javascript("fermyon:spin/sqlite", _NUMBERED),
    "fermyon:spin@2.0.0 JavaScript": _javascript("fermyon:spin/sqlite@2.0.0"),
    "fermyon:spin@2.0.0 Python": Dialect(
        "lab-python-2", "bindings.sqlite", f"{_PYTHON}{_SYNC}return [found]", False
    ),
    "spin:sqlite@3.0.0 JavaScript": _javascript("spin:sqlite/sqlite@3.0.0"),
    "spin:sqlite@3.0.0 Python": Dialect(
        "lab-python-2", "spin_sqlite_sqlite", f"{_PYTHON}{_SYNC}{_NUMBERS}", True
    ),
    "spin:sqlite@3.1.0 JavaScript": _javascript("spin:sqlite/sqlite@3.1.0"),
    "spin:sqlite@3.1.0 Python": Dialect(
        "lab-python", "spin_sqlite_sqlite_3_1_0", f"{_PYTHON}{_SYNC}{_NUMBERS}", True
    ),
    "spin:sqlite@3.1.0 async Python": Dialect(
        "lab-python", "spin_sqlite_sqlite_3_1_0", f"{_PYTHON}{_ASYNC}{_ASYNC_NUMBERS}", True
    ),
}
ASYNC = "spin:sqlite@3.1.0 async Python"
GUESTS = ("lab-python", "lab-python-2", "lab-javascript")


def execute(
    host: Laboratory,
    dialect: str,
    *statements: str | tuple[str, Sequence[Tagged]],
    database: str = "default",
) -> list[Any]:
    """What each statement answers: columns and rows, or `{"error": [case, text]}`.

    Where the version has them, changes and the last row id follow.
    """
    told = DIALECTS[dialect]
    pairs = [(each, ()) if isinstance(each, str) else each for each in statements]
    found, *numbers = host.run(told.source(pairs, database), told.guest)
    return [*map(_received, found), *numbers]


def _received(answer: Any) -> Any:
    """JavaScript sends whole numbers as texts, for it has none so large."""
    if isinstance(answer, dict):
        return answer
    columns, rows = answer
    return [
        columns,
        [[[tag, int(v) if tag == "integer" else v] for tag, v in row] for row in rows],
    ]

"""Statements as guests of each language do them, by each generation of the interface."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.labs import Laboratory

from spindle.factors.mysql.address import parse_address

Value = tuple[str, Any]

PYTHON_3 = """
with await mysql.open({url}) as connection:
    columns, rows, outcome = await connection.query({statement}, {parameters})
    return {{"columns": columns, "rows": await util.collect((rows, outcome))}}
"""
PYTHON_2 = """
with mysql.open({url}) as connection:
    return connection.query({statement}, {parameters})
"""
JAVASCRIPT_2 = """
const {{ Connection }} = imported["fermyon:spin/mysql@2.0.0"];
return Connection.open({url}).query({statement}, {parameters});
"""
JAVASCRIPT = """
return imported["fermyon:spin/mysql"].query({url}, {statement}, {parameters});
"""


@dataclass(frozen=True, slots=True)
class Way:
    """A guest and the interface it uses."""

    guest: str
    query: str
    module: str | None = None
    """Where parameters' types are, in Python."""

    def code(self, url: str, statement: str, parameters: Sequence[Value]) -> str:
        """The code that does a statement."""
        return self.query.format(
            url=json.dumps(url),
            statement=json.dumps(statement),
            parameters="[" + ", ".join(map(self._parameter, parameters)) + "]",
        )

    def _parameter(self, parameter: Value) -> str:
        case, value = parameter
        if self.module is None:
            return f"{{tag: {json.dumps(case)}, val: {_javascript(case, value)}}}"
        name = "DbNull" if case == "db-null" else case.capitalize()
        given = "" if case == "db-null" else repr(value)
        return f"{self.module}.ParameterValue_{name}({given})"

    def ask(
        self, host: Laboratory, url: str, statement: str, parameters: Sequence[Value] = ()
    ) -> tuple[list[tuple[str, str]], list[list[Value]]]:
        """Columns and rows, spelled alike whoever asked; raises `LabError`."""
        answer = host.run(self.code(url, statement, parameters), self.guest)
        columns = [(each["name"], _kind(each)) for each in answer["columns"]]
        return columns, [list(map(_value, row)) for row in answer["rows"]]


WAYS = {
    "spin:mysql@3.0.0 python": Way("lab-python", PYTHON_3, "spin_mysql_mysql_3_0_0"),
    "fermyon:spin/mysql@2.0.0 python": Way("lab-python-2", PYTHON_2, "rdbms_types"),
    "fermyon:spin/mysql@2.0.0 javascript": Way("lab-javascript", JAVASCRIPT_2),
    "fermyon:spin/mysql javascript": Way("lab-javascript", JAVASCRIPT),
}


def failure(value: Any) -> Value:
    """An error's case and sentence, spelled alike whoever was told."""
    if "tag" in value:
        return value["tag"], value["val"]
    ((name, reason),) = value.items()
    words = {"ConnectionFailed": "connection-failed", "QueryFailed": "query-failed"}
    case = name.partition("_")[2]
    return words.get(case, "value-conversion-failed" if "Value" in case else case.lower()), reason


def with_password(url: str, password: str) -> str:
    """The address with another password."""
    at = parse_address(url)
    return f"mysql://{at.user}:{password}@{at.host}:{at.port}/{at.database}"


def _javascript(case: str, value: Any) -> str:
    match value:
        case bytes():
            return f"new Uint8Array({list(value)})"
        case int() if case in ("int64", "uint64"):
            return f"{value}n"
    return json.dumps(value)


def _kind(column: dict[str, str]) -> str:
    kind: str = column.get("data_type") or column["dataType"]
    return kind.lower()


def _value(value: dict[str, Any]) -> Value:
    if "tag" in value:
        return value["tag"], value.get("val")
    ((name, held),) = value.items()
    case = name.partition("_")[2].lower()
    return ("db-null" if case == "dbnull" else case), held

"""Statements as guests of each language do them, by each version of the interface."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.labs import Laboratory

Value = tuple[str, Any]
"""A case in WIT's words, and its payload: tuples and lists alike as lists."""

STREAMING = """
with await {module}.Connection.open_async({url}) as connection:
    columns, rows, outcome = await connection.query_async({statement}, {parameters})
    return {{"columns": columns, "rows": await util.collect((rows, outcome))}}
"""
EXECUTING = """
with await {module}.Connection.open_async({url}) as connection:
    return await connection.execute_async({statement}, {parameters})
"""
PYTHON = """
with {module}.Connection.open({url}) as connection:
    return connection.{verb}({statement}, {parameters})
"""
JAVASCRIPT = """
const {{ Connection }} = imported["{interface}"];
return Connection.open({url}).{verb}({statement}, {parameters});
"""
BUILDING = """
const {{ ConnectionBuilder }} = imported["{interface}"];
return new ConnectionBuilder({url}).build().{verb}({statement}, {parameters});
"""
AT_ONCE = """
return imported["{interface}"].{verb}({url}, {statement}, {parameters});
"""


@dataclass(frozen=True, slots=True)
class Way:
    """A guest and the interface it uses."""

    guest: str
    interface: str
    query: str
    execute: str = ""
    types: str = ""
    """The module of parameters, in Python, if it is not the interface's own."""

    @property
    def version(self) -> int:
        """Of the interface: 1 has none."""
        return int((self.interface.partition("@")[2] or "1")[0])

    def code(
        self, url: str, statement: str, parameters: Sequence[Value] = (), verb: str = "query"
    ) -> str:
        """The code that does a statement."""
        text = self.execute if verb == "execute" and self.execute else self.query
        return text.format(
            module=self._module,
            interface=self.interface,
            verb=verb,
            url=json.dumps(url),
            statement=json.dumps(statement, ensure_ascii=False),
            parameters="[" + ", ".join(map(self._parameter, parameters)) + "]",
        )

    def ask(
        self, host: Laboratory, url: str, statement: str, parameters: Sequence[Value] = ()
    ) -> tuple[list[tuple[str, Any]], list[list[Value]]]:
        """Columns and rows, spelled alike whoever asked; raises `LabError`."""
        answer = host.run(self.code(url, statement, parameters), self.guest)
        columns = [(each["name"], _kind(each)) for each in answer["columns"]]
        return columns, [list(map(value, row)) for row in answer["rows"]]

    def change(
        self, host: Laboratory, url: str, statement: str, parameters: Sequence[Value] = ()
    ) -> int:
        """How many rows a statement touched; raises `LabError`."""
        code = self.code(url, statement, parameters, "execute")
        return int(host.run(code, self.guest))

    @property
    def _module(self) -> str:
        return re.sub(r"[:/@.-]", "_", self.interface)

    def _parameter(self, parameter: Value) -> str:
        case, payload = parameter
        if self.guest == "lab-javascript":
            return f"{{tag: {json.dumps(case)}, val: {_javascript(case, payload)}}}"
        types = self.types or self._module
        name = "".join(word.capitalize() for word in case.split("-"))
        given = "" if payload is None else self._python(case, payload)
        return f"{types}.ParameterValue_{name}({given})"

    def _python(self, case: str, payload: Any) -> str:
        if case == "interval":
            return f"{self._module}.Interval{tuple(payload)}"
        if case.startswith("range"):
            bounds = [
                "None"
                if bound is None
                else f"({bound[0]!r}, {self._module}.RangeBoundKind.{bound[1].upper()})"
                for bound in payload
            ]
            return f"({', '.join(bounds)})"
        return repr(payload if case.startswith("array") else _deep_tuple(payload))


def python(interface: str, guest: str = "lab-python", types: str = "") -> Way:
    return Way(guest, interface, PYTHON, types=types)


WAYS = {
    "4.2 python, streaming": Way(
        "lab-python", "spin:postgres/postgres@4.2.0", STREAMING, EXECUTING
    ),
    "4.2 python": python("spin:postgres/postgres@4.2.0"),
    "3.0 python": python("spin:postgres/postgres@3.0.0"),
    "2.0 python": python("fermyon:spin/postgres@2.0.0", types="fermyon_spin_rdbms_types_2_0_0"),
    "2.0 python, WASI 0.2": Way(
        "lab-python-2",
        "fermyon:spin/postgres@2.0.0",
        PYTHON.replace("{module}", "postgres"),
        types="rdbms_types",
    ),
    "4.2 javascript": Way("lab-javascript", "spin:postgres/postgres@4.2.0", JAVASCRIPT),
    "4.1 javascript, building": Way("lab-javascript", "spin:postgres/postgres@4.1.0", BUILDING),
    "4.0 javascript": Way("lab-javascript", "spin:postgres/postgres@4.0.0", JAVASCRIPT),
    "3.0 javascript": Way("lab-javascript", "spin:postgres/postgres@3.0.0", JAVASCRIPT),
    "2.0 javascript": Way("lab-javascript", "fermyon:spin/postgres@2.0.0", JAVASCRIPT),
    "unversioned javascript": Way("lab-javascript", "fermyon:spin/postgres", AT_ONCE),
}


def value(told: Any) -> Value:
    """A variant's value, spelled alike whoever was told."""
    if "tag" in told:
        return told["tag"], _plain(told.get("val"))
    ((name, held),) = told.items()
    return _words(name.partition("_")[2]), _plain(held)


def failure(told: Any) -> tuple[str, Any]:
    """An error's case and payload, spelled alike whoever was told."""
    case, held = value(told)
    if isinstance(held, dict) and case == "query-failed":
        case, held = value(held)
    return case, held


def _words(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _kind(column: dict[str, Any]) -> Any:
    kind = column.get("data_type") or column["dataType"]
    if isinstance(kind, str):
        return kind.lower()
    label, name = value(kind)
    return label if name is None else (label, name)


def _plain(held: Any) -> Any:
    match held:
        case {"micros": micros, "days": days, "months": months}:
            return [micros, days, months]
        case list():
            return [_plain(item) for item in held]
        case "INCLUSIVE" | "EXCLUSIVE":
            return held.lower()
    return held


def _deep_tuple(payload: Any) -> Any:
    return tuple(map(_deep_tuple, payload)) if isinstance(payload, list) else payload


def _javascript(case: str, payload: Any) -> str:
    match payload:
        case bytes():
            return f"new Uint8Array({list(payload)})"
        case None:
            return "undefined"
        case int() if case in ("int64", "timestamp", "array-int64", "range-int64"):
            return f"{payload}n"
        case list() if case == "interval":
            micros, days, months = payload
            return f"{{micros: {micros}n, days: {days}, months: {months}}}"
        case list():
            return "[" + ", ".join(_javascript(case, item) for item in payload) + "]"
    return json.dumps(payload)

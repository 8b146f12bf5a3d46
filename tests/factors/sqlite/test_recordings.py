"""What Spin was seen to answer: by our own table, and by recordings where they are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.labs import LabError, laboratory

ASKED = """
    def dec(value):
        kept = getattr(value, "value", None)
        return [type(value).__name__, kept.hex() if isinstance(kept, bytes) else kept]
    def enc(value):
        if isinstance(value, int):
            return sqlite.Value_Integer(value)
        if isinstance(value, float):
            return sqlite.Value_Real(value)
        if isinstance(value, dict):
            return sqlite.Value_Blob(bytes.fromhex(value["hex"]))
        return sqlite.Value_Text(value)
    asked = json.loads({asked!r})
    connection = await sqlite.Connection.open(asked.get("db", "default"))
    values = [enc(value) for value in asked["params"]]
    columns, rows, end = await connection.execute(asked["sql"], values)
    found = []
    with rows, end:
        while not rows.writer_dropped:
            found += [[dec(value) for value in row.values] for row in await rows.read(100)]
        result = await end.read()
    return {{
        "columns": columns,
        "rows": found,
        "result": repr(result),
        "changes": await connection.changes(),
        "last_insert_rowid": await connection.last_insert_rowid(),
    }}
"""
OURS: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT NOT NULL)", [], {"changes": 0}),
    ("INSERT INTO t (n) VALUES (?), (?)", ["a", "b"], {"changes": 2, "last_insert_rowid": 2}),
    ("SELECT n FROM t WHERE id = ?", [2], {"rows": [[["Value_Text", "b"]]], "changes": 0}),
    (
        "INSERT INTO t (n) VALUES (NULL)",
        [],
        {"result": "Err(value=Error_Io(value='NOT NULL constraint failed: t.n'))"},
    ),
]
KNOWN_DIFFERENCES = {"sqlite-version", "compile-options"}
"""What tells which SQLite it is."""


def recordings() -> Iterator[tuple[str, list[tuple[dict[str, Any], Any]]]]:
    """By name: what was asked, and what was answered."""
    yield "ours", [({"sql": sql, "params": params}, answer) for sql, params, answer in OURS]
    beside = Path(__file__).parents[3] / "../shared/golden/routes.json"
    recorded = Path(os.environ.get("SPINDLE_GOLDEN", beside)).parent / "state" / "state.json"
    if recorded.is_file():
        cases = json.loads(recorded.read_text())["runs"]["sql"]["cases"]
        yield (
            "spin",
            [
                (json.loads(case["request"][0].partition("\r\n\r\n")[2]), _answer(case))
                for case in cases
                if case["id"] not in KNOWN_DIFFERENCES
            ],
        )


def _answer(case: dict[str, Any]) -> Any:
    (response,) = case["responses"]
    return json.loads(response["body"]) if response["status"] == 200 else response["body"]


RECORDINGS = dict(recordings())


@pytest.mark.parametrize("name", RECORDINGS)
def test_answers_are_spins(name: str, tmp_path: Path) -> None:
    with laboratory(tmp_path, sqlite_databases=["default"]) as host:
        for asked, expected in RECORDINGS[name]:
            if isinstance(expected, str):
                with pytest.raises(LabError, match=expected.partition("value=")[2][:-3]):
                    host.run(ASKED.format(asked=json.dumps(asked)))
            else:
                answer = host.run(ASKED.format(asked=json.dumps(asked)))
                assert {key: answer[key] for key in expected} == expected, asked

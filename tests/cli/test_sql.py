"""`spindle sql`, on stopped and running applications, and `spindle up --sqlite`."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.harness import Run, Up

from spindle.cli import sql_results
from spindle.factors.sqlite.statements import statements_of

SEED = """\
-- what; is here
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, b BLOB);
CREATE TRIGGER tr AFTER DELETE ON t BEGIN SELECT 1; SELECT 2; END;
INSERT INTO t (name, b) VALUES ('one;two', x'00ff'), ('', NULL), ('NULL', zeroblob(100));
"""


@pytest.fixture
def app(static_app: Path) -> Path:
    (static_app / "seed.sql").write_text(SEED)
    return static_app


def test_statements_on_a_stopped_application(run: Run, app: Path) -> None:
    nothing = run("sql", "SELECT 1", cwd=app)
    assert nothing.returncode == 1
    assert "there is no file" in nothing.stderr
    assert not (app / ".spin" / "sqlite_db.db").exists()

    seeded = run("sql", "@seed.sql", cwd=app)
    assert (seeded.returncode, seeded.stdout, seeded.stderr) == (0, "", "3 rows changed\n")
    shown = run("sql", "SELECT * FROM t", cwd=app)
    assert shown.stdout.splitlines() == [
        "id  name     b",
        "──  ───────  ────────────────────────────────────────────────",
        " 1  one;two  x'00ff'",
        " 2           NULL",
        " 3  'NULL'   x'00000000000000000000000000000000…' (100 bytes)",
    ]
    assert shown.stderr == "3 rows\n"
    assert run("sql", "--tables", cwd=app).stdout.split() == [
        "name",
        "type",
        "────",
        "─────",
        "t",
        "table",
    ]
    schema = run("sql", "--schema", cwd=app).stdout
    assert schema.startswith("CREATE TABLE t (")
    assert run("sql", "--schema", "T", cwd=app).stdout == schema
    assert run("sql", "--schema", "nope", cwd=app).returncode == 2


def test_formats(run: Run, app: Path) -> None:
    run("sql", "@seed.sql", cwd=app)
    rows = json.loads(run("sql", "SELECT id, name, b, id FROM t", "--format=json", cwd=app).stdout)
    assert rows[0] == {"id": 1, "name": "one;two", "b": {"blob": "AP8="}, "id:2": 1}
    assert json.loads(run("sql", "SELECT 9e999 AS x", "--format=json", cwd=app).stdout) == [
        {"x": {"real": "inf"}}
    ]
    both = run("sql", "SELECT 1 AS a; SELECT 2 AS b", "--format=json", cwd=app)
    assert json.loads(both.stdout) == [[{"a": 1}], [{"b": 2}]]
    assert run("sql", "SELECT name, b FROM t", "--format=csv", "--limit=2", cwd=app).stdout == (
        'name,b\none;two,00ff\n"",\n'
    )


def test_mistakes_are_at_their_places(run: Run, app: Path) -> None:
    (app / "bad.sql").write_text("SELECT 1;\n\nSELECT 'é', SELEKT FROM;\n")
    failed = run("sql", "@bad.sql", cwd=app)
    run("sql", "CREATE TABLE x (a)", cwd=app)
    failed = run("sql", "@bad.sql", cwd=app)
    assert failed.returncode == 1
    assert 'error: database `default`: near ";": syntax error' in failed.stderr
    assert "bad.sql:3:24: SELECT 'é', SELEKT FROM;" in failed.stderr
    assert "what comes before it was executed: 1 statement" in failed.stderr
    unknown = run("sql", "SELECT 1", "--database", "defalt", cwd=app)
    assert unknown.returncode == 2
    assert "did you mean `default`?" in unknown.stderr
    assert run("sql", cwd=app).returncode == 2
    assert run("sql", "@nope.sql", cwd=app).returncode == 2


def test_statements_on_a_running_application(run: Run, up: Up, app: Path) -> None:
    up(app, "--sqlite", "@seed.sql", "--sqlite", "INSERT INTO t (name) VALUES ('four')")
    assert run("sql", "SELECT count(*) AS n FROM t", "--format=csv", cwd=app).stdout == "n\n4\n"
    changed = run("sql", "UPDATE t SET name = 'x'", cwd=app)
    assert (changed.returncode, changed.stderr) == (0, "4 rows changed\n")
    failed = run("sql", "SELECT nope FROM t", cwd=app)
    assert failed.returncode == 1
    assert "line 1:8: SELECT nope FROM t" in failed.stderr
    many = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000) SELECT * FROM c"
    )
    shown = run("sql", many, cwd=app)
    assert len(shown.stdout.splitlines()) == 202
    assert shown.stderr == "1000 rows, the first 200 shown\n"


def test_statements_before_serving_that_fail(run: Run, app: Path) -> None:
    for option, code, told in (
        ("SELEKT", 1, 'near "SELEKT": syntax error'),
        ("@seed.sql:nope", 2, "no SQLite database has the label `nope`"),
        ("@nope.sql", 2, "`nope.sql` can't be read"),
        ("@:x", 2, "lacks a file"),
        ("@seed.sql:", 2, "lacks a database's label"),
    ):
        failed = run("up", "--sqlite", option, cwd=app)
        assert failed.returncode == code, failed.stderr
        assert told in failed.stderr


def test_a_database_in_memory_has_nothing_to_look_into(run: Run, app: Path) -> None:
    failed = run("sql", "SELECT 1", "--state-dir", "", cwd=app)
    assert failed.returncode == 3
    assert "is in memory" in failed.stderr


@given(st.text(alphabet="ab';-/*\n \"[]`é") | st.text())
def test_a_text_is_its_statements_and_what_is_between(text: str) -> None:
    end = 0
    for statement in statements_of(text):
        assert statement.text
        assert text[statement.start :].startswith(statement.text)
        assert statement.start >= end
        end = statement.start + len(statement.text)


# A row whose only value is NULL is an empty line, which readers pass over.
CELLS = st.none() | st.integers() | st.text() | st.just({"blob": "AP8="})


@given(st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n))))
def test_tables_fit_and_csv_can_be_read(rows: list[list[object]]) -> None:
    names = [f"column {number}" for number in range(len(rows[0]) if rows else 2)]
    result = {"columns": names, "rows": rows, "count": len(rows), "counted": True, "changes": None}
    for width in (40, 80, None):
        lines = list(sql_results.table(result, width))
        assert len(lines) == len(rows) + 2
        assert all(line.isprintable() for line in lines)
        if width is not None:
            assert all(sql_results._width(line) <= width for line in lines)
    read = list(csv.reader(io.StringIO("".join(sql_results.csv(result)), newline="")))
    assert [len(row) for row in read] == [len(names)] * (len(rows) + 1)
    texts = [[cell for cell in row if isinstance(cell, str)] for row in rows]
    assert all(set(kept) <= set(row) for kept, row in zip(texts, read[1:], strict=True))

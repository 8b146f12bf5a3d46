"""Rows of PostgreSQL that reach a guest as values of its own: how many in a second."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.apps import application, guest
from benchmarks.asking import ask
from benchmarks.servers import running as serving
from benchmarks.servers import spindle
from tests.services.postgres import Postgres
from tests.services.process import running

ROWS = 100_000
LEAST = 100_000
STATEMENT = f"SELECT n, n * 0.5::float8, 'row ' || n FROM generate_series(1, {ROWS}) AS n"
GRANTED = 'allowed_outbound_hosts = ["postgres://127.0.0.1:*"]\n'
HEAD = """
connection = spin_postgres_postgres_4_2_0.Connection.open("{url}")
began = time.perf_counter()
"""
WAYS: Mapping[str, str] = {
    "all at once": """
assert len(connection.query("{statement}", []).rows) == {rows}
return time.perf_counter() - began
""",
    "streamed": """
_, rows, outcome = await connection.query_async("{statement}", [])
count = 0
with rows, outcome:
    while not rows.writer_dropped:
        count += len(await rows.read(1000))
assert count == {rows}
return time.perf_counter() - began
""",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """Rows that reach a Python guest in a second, by round."""

    how: str
    rows: tuple[float, ...]


def rates(scratch: Path, rounds: int) -> Iterator[Rate]:
    """Measure both ways in turn."""
    app = application([guest("lab-python")], scratch / "rows", GRANTED)
    with running(Postgres) as database, serving(spindle(app, scratch / "caches")) as server:
        code = {
            how: (HEAD + way).format(url=database.url, statement=STATEMENT, rows=ROWS)
            for how, way in WAYS.items()
        }
        for text in code.values():
            ask(server.port, text)
        server.settle()
        taken = [{how: ask(server.port, text) for how, text in code.items()} for _ in range(rounds)]
    for how in WAYS:
        yield Rate(how, tuple(ROWS / one[how] for one in taken))


def rate_line(rate: Rate) -> str:
    """A figure's line."""
    middle = median(rate.rows)
    mark = "✓" if middle >= LEAST else "✗"
    return f"{middle:,.0f} rows of PostgreSQL reach a Python guest in a second, {rate.how} {mark}"

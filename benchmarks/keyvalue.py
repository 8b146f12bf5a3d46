"""A get and a set through a guest, of a key-value store or Redis itself, beside plain statements.

What a guest adds besides is told by a call of its own to a host function that looks something up
in memory (a variable); goal: at most 1.5 times the statement and that call together. Each value
set is another, for SQLite writes nothing where the value stays the same.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.apps import application, guest
from benchmarks.asking import ask
from benchmarks.servers import running as serving
from benchmarks.servers import spindle
from tests.services.process import running
from tests.services.redis import Redis

TIMES = 1000
MOST = 1.5
KEY = "a key"
GRANTED = """
key_value_stores = ["default"]
sqlite_databases = ["default"]
allowed_outbound_hosts = ["redis://*:*"]
variables = { word = "{{ word }}" }
[variables]
word = { default = "hello" }
"""
SQLITE = '[key_value_store.default]\ntype = "spin"\npath = "{path}"\n'
REDIS = '[key_value_store.default]\ntype = "redis"\nurl = "{url}"\n'

PYTHON = """
store = await {opened}
value = bytes(100)
began = time.perf_counter()
for n in range({times}):
    await {call}
return (time.perf_counter() - began) * 1e6 / {times}
"""
JAVASCRIPT = """
const store = {opened};
const variables = imported["fermyon:spin/variables@2.0.0"];
const value = new Uint8Array(100);
const began = performance.now();
for (let n = 0; n < {times}; n++) {call};
return (performance.now() - began) * 1e3 / {times};
"""
GUESTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "lab-python": (
        PYTHON,
        {
            "get": 'store.get("a key")',
            "set": 'store.set("a key", b"%d" % time.time_ns() + value)',
            "call": 'variables.get("word")',
        },
    ),
    "lab-javascript": (
        JAVASCRIPT,
        {
            "get": 'store.get("a key")',
            "set": '(value[n % 100] += 1, store.set("a key", value))',
            "call": 'variables.get("word")',
        },
    ),
}
FIRST_SET = {
    "lab-python": '\nawait store.set("a key", bytes(100))',
    "lab-javascript": ';\nstore.set("a key", new Uint8Array(100))',
}
STORE = {
    "lab-python": 'key_value.open("default")',
    "lab-javascript": 'imported["fermyon:spin/key-value@2.0.0"].Store.open("default")',
}
CONNECTION = {
    "lab-python": 'redis.open("{url}")',
    "lab-javascript": 'imported["fermyon:spin/redis@2.0.0"].Connection.open("{url}")',
}

DATABASE = {
    "lab-python": """sqlite.Connection.open("default")
async def done(statement, *values):
    columns, rows, end = await store.execute(statement, list(values))
    with rows, end:
        found = await rows.read(10)
        await end.read()
    return found
""",
    "lab-javascript": 'imported["fermyon:spin/sqlite@2.0.0"].Connection.open("default")',
}
DATABASE_CALLS = {
    "lab-python": {
        "get": 'done("{get}", sqlite.Value_Text("a key"))',
        "set": 'done("{set}", sqlite.Value_Blob(b"%d" % time.time_ns()), '
        'sqlite.Value_Text("a key"))',
    },
    "lab-javascript": {
        "get": 'store.execute("{get}", [{{ tag: "text", val: "a key" }}])',
        "set": '(value[n % 100] += 1, store.execute("{set}", '
        '[{{ tag: "blob", val: value }}, {{ tag: "text", val: "a key" }}]))',
    },
}

Statements = Mapping[str, Callable[[], object]]


class Backend(NamedTuple):
    """Where values are kept, and how: a runtime configuration, and how each guest opens it."""

    config: str
    opened: Mapping[str, str]
    """With what must be there before it is measured."""
    statements: Statements
    """The same from Python."""
    calls: Mapping[str, Mapping[str, str]] = {}
    """How each guest gets and sets, if not as one does a store."""


@dataclass(frozen=True, slots=True)
class Access:
    """Microseconds for each: medians of the rounds."""

    what: str
    guest: float
    plain: float
    call: float
    ratio: float


def accesses(scratch: Path, rounds: int) -> Iterator[Access]:
    """Measure each backend by each guest, round by round beside the plain statement."""
    for name in GUESTS:
        for kind, backend in BACKENDS.items():
            directory = scratch / f"kv-{name}-{kind.replace(' ', '-')}"
            directory.mkdir(parents=True)
            with backend(directory) as made:
                yield from _measured(name, kind, made, directory, rounds)


def access_line(access: Access) -> str:
    """A figure's line."""
    mark = "✓" if access.ratio <= MOST else "✗"
    return (
        f"{access.what} takes {access.guest:.0f} µs, {access.ratio:.2f} times {mark} the plain "
        f"statement's {access.plain:.0f} µs and a host call's {access.call:.0f} µs together"
    )


def _measured(
    name: str, kind: str, backend: Backend, directory: Path, rounds: int
) -> Iterator[Access]:
    application([guest(name)], directory, GRANTED)
    (directory / "runtime-config.toml").write_text(backend.config)
    options = ["--runtime-config-file", str(directory / "runtime-config.toml")]
    with serving(spindle(directory, directory.parent / "caches", options)) as server:
        frame, calls = GUESTS[name]
        codes = {
            what: frame.format(times=TIMES, call=call, opened=backend.opened[name])
            for what, call in {**calls, **backend.calls.get(name, {})}.items()
        }
        for code in codes.values():
            ask(server.port, code)
        server.settle()
        taken: list[dict[str, float]] = []
        plain: list[dict[str, float]] = []
        for _ in range(rounds):
            taken.append({what: float(ask(server.port, code)) for what, code in codes.items()})
            plain.append({what: _plain_us(run) for what, run in backend.statements.items()})
    for what in ("get", "set"):
        yield Access(
            f"a {what} in {kind} by {name}",
            median(one[what] for one in taken),
            median(one[what] for one in plain),
            median(one["call"] for one in taken),
            median(
                one[what] / (other[what] + one["call"])
                for one, other in zip(taken, plain, strict=True)
            ),
        )


def _with_first_set(opened: Mapping[str, str]) -> dict[str, str]:
    return {name: how + FIRST_SET[name] for name, how in opened.items()}


def _another_value() -> bytes:
    return b"%d" % time.time_ns() + bytes(100)


def _plain_us(statement: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        statement()
    return (time.perf_counter() - began) * 1e6 / TIMES


@contextmanager
def _sqlite(directory: Path) -> Iterator[Backend]:
    """A file for the guest, and another, of the same schema, for the plain statements."""
    path = directory / "guest.db"
    with closing(sqlite3.connect(directory / "plain.db", isolation_level=None)) as plain:
        plain.execute(
            "CREATE TABLE kv (store TEXT, key TEXT, value BLOB, PRIMARY KEY (store, key))"
        )
        get = "SELECT value FROM kv WHERE store = ? AND key = ?"
        put = (
            "INSERT INTO kv (store, key, value) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (store, key) DO UPDATE SET value = ?3"
        )
        statements: Statements = {
            "get": lambda: plain.execute(get, ("default", KEY)).fetchone(),
            "set": lambda: plain.execute(put, ("default", KEY, _another_value())),
        }
        statements["set"]()
        yield Backend(SQLITE.format(path=path), _with_first_set(STORE), statements)


@contextmanager
def _sqlite_itself(directory: Path) -> Iterator[Backend]:
    """A file for the guest, and another for the plain statements."""
    path = directory / "guest.db"
    get, put = "SELECT b FROM t WHERE k = ?", "UPDATE t SET b = ? WHERE k = ?"
    for each in (path, directory / "plain.db"):
        with closing(sqlite3.connect(each)) as made, made:
            made.execute("CREATE TABLE t (k TEXT PRIMARY KEY, b BLOB)")
            made.execute("INSERT INTO t VALUES (?, ?)", (KEY, bytes(100)))
    calls = {
        name: {what: call.format(get=get, set=put) for what, call in each.items()}
        for name, each in DATABASE_CALLS.items()
    }
    with closing(sqlite3.connect(directory / "plain.db", isolation_level=None)) as plain:
        statements: Statements = {
            "get": lambda: plain.execute(get, (KEY,)).fetchall(),
            "set": lambda: plain.execute(put, (_another_value(), KEY)),
        }
        config = f'[sqlite_database.default]\ntype = "spin"\npath = "{path}"\n'
        yield Backend(config, DATABASE, statements, calls)


@contextmanager
def _redis(_directory: Path) -> Iterator[Backend]:
    with _redis_server() as (url, statements):
        yield Backend(REDIS.format(url=url), _with_first_set(STORE), statements)


@contextmanager
def _redis_itself(_directory: Path) -> Iterator[Backend]:
    with _redis_server() as (url, statements):
        opened = {name: how.format(url=url) for name, how in CONNECTION.items()}
        yield Backend("", _with_first_set(opened), statements)


@contextmanager
def _redis_server() -> Iterator[tuple[str, Statements]]:
    import redis

    with running(Redis) as server, redis.Redis.from_url(server.url) as client:
        statements: Statements = {
            "get": partial(client.get, KEY),
            "set": lambda: client.set(KEY, _another_value()),
        }
        statements["set"]()
        yield server.url, statements


BACKENDS = {
    "a store in sqlite": _sqlite,
    "sqlite itself": _sqlite_itself,
    "a store in redis": _redis,
    "redis itself": _redis_itself,
}

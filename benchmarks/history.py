"""Exchanges that are kept: what keeping them costs a request, and how soon filters answer."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.apps import application, guest
from benchmarks.loads import Load, measure
from benchmarks.servers import Launch, Server, running, spindle

from spindle.exchange import Exchange, HttpInput, HttpOutput, parse_filter
from spindle.history import Entry, Store

GUESTS = (("Python 0.3", "service"), ("Rust 0.3", "rust-p3"))
SHORTER = 5
"""Rounds are so many times as many, and as short: what is compared differs little."""
MOST = 1.1
"""The most that a request may cost, compared with one that is not kept."""
KEPT = 100_000
MOST_MS = 100.0
FILTERS = (
    "status>=500 component:api path~/v1 slow>100ms",
    "path~nowhere",
    "nowhere",
    "not (status:2xx or status:5xx)",
    "failed or slow>10s",
    "body~nowhere",
    "log~nowhere",
    "header~nowhere",
    "body~nowhere or log~nowhere",
)
FOLLOW = """
import asyncio, sys
from spindle.client import HostClient, Link, live_hosts

async def follow(pid):
    while not (found := [host for host in live_hosts() if host.pid == pid]):
        await asyncio.sleep(0.05)  # it serves before front ends can find it
    (run_file,) = found
    client = HostClient(await Link.open(run_file))
    print("following", flush=True)
    async for event in client.follow_exchanges():
        pass

asyncio.run(follow(int(sys.argv[1])))
"""


class Keeping(NamedTuple):
    """Microseconds of CPU of a request."""

    what: str
    off: float
    kept: float
    ratio: float
    followed: float
    """Kept, with a front end that is told of each."""
    followed_ratio: float


class Search(NamedTuple):
    """How soon a filter answers that no exchange or few pass."""

    where: str
    found: int
    ms: float
    cpu_ms: float
    """Of processor time, which other work on the machine doesn't add to."""


def keeping(scratch: Path, rounds: int, seconds: float) -> Iterator[Keeping]:
    """Small requests to servers that keep exchanges or don't, in turns."""
    for what, name in GUESTS:
        app = application([guest(name)], scratch / f"kept-{name}")
        with ExitStack() as stack:
            launches = [
                spindle(app, scratch / "caches", options) for options in (["--no-history"], [], [])
            ]
            servers = [stack.enter_context(running(launch)) for launch in launches]
            stack.enter_context(_followed(servers[2], launches[2]))
            yield _compared(Load(what, name), servers, rounds * SHORTER, seconds / SHORTER)


def _compared(load: Load, servers: list[Server], rounds: int, seconds: float) -> Keeping:
    for server in servers:
        measure(server, load, seconds * SHORTER)
        server.settle()
    samples = []
    for number in range(rounds):
        turns = servers if number % 2 else servers[::-1]
        taken = {server.port: measure(server, load, seconds)["CPU ms"] for server in turns}
        samples.append([taken[server.port] for server in servers])
    off, kept, followed = (median(column) * 1000 for column in zip(*samples, strict=True))
    ratios = [median(row[at] / row[0] for row in samples) for at in (1, 2)]
    return Keeping(load.title, off, kept, ratios[0], followed, ratios[1])


@contextmanager
def _followed(server: Server, launch: Launch) -> Iterator[None]:
    """Have a front end told of every exchange of a server."""
    command = [sys.executable, "-c", FOLLOW, str(server.process.pid)]
    # Hosts are found below the caches where there is no place for what runs.
    environment = {**os.environ, **launch.environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


def searches() -> Iterator[Search]:
    """Filters on a database of 100,000 exchanges."""
    with tempfile.TemporaryDirectory() as directory:
        store = Store.open(Path(directory) / "exchanges.db")
        for first in range(0, KEPT, 500):
            store.put_many([Entry.of(_exchange(number)) for number in range(first, first + 500)])
        for where in FILTERS:
            yield _search(store, where)
        store.close()


def _search(store: Store, where: str) -> Search:
    filter = parse_filter(where)
    samples = []
    for _ in range(5):
        started, cpu_started = time.perf_counter(), time.thread_time()
        found = store.list(filter)
        took = time.perf_counter() - started
        samples.append((took, time.thread_time() - cpu_started))
    times, cpu_times = zip(*samples, strict=True)
    return Search(where, len(found), median(times) * 1000, median(cpu_times) * 1000)


def _exchange(number: int) -> Exchange:
    headers = ((b"host", b"127.0.0.1"), (b"accept", b"*/*"))
    path = f"/api/v{number % 3}/items/{number}?page={number % 7}"
    exchange = Exchange("http", "/...", "web" if number % 5 else "api", build="0123456789ab")
    exchange.input = HttpInput("GET", "http", "127.0.0.1", path, headers)
    exchange.output = output = HttpOutput(200 if number % 50 else 500, ())
    output.body.add(b"Hello World!")
    if number % 5 == 0:
        exchange.write("stdout", b"item %d is served\n" % number)
    exchange.finish()
    return exchange


def keeping_line(figures: Keeping) -> str:
    """What keeping costs, in a line."""
    mark = "✓" if figures.followed_ratio <= MOST else "✗"
    return (
        f"{figures.what}: {figures.off:.0f} µs of CPU a request; kept {figures.kept:.0f}"
        f" = {figures.ratio:.2f}; kept and followed {figures.followed:.0f}"
        f" = {figures.followed_ratio:.2f} {mark}"
    )


def search_line(figures: Search) -> str:
    """How soon a filter answered, in a line."""
    mark = "✓" if figures.ms <= MOST_MS else "✗"
    return (
        f"{figures.ms:.0f} ms {mark} ({figures.cpu_ms:.0f} of CPU) for `{figures.where}`"
        f" of {KEPT} ({figures.found} found)"
    )

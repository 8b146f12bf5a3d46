"""New builds swapped in while requests keep coming: how soon one answers, and what it costs."""

import http.client
import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.apps import guest
from benchmarks.servers import Launch, Server, running, spindle

SWAPS = 1000
WARM = 50
"""Swaps after which the process has grown to its size."""
CLIENTS = 2
LIMIT = 60.0
PLACE = b"hello from"
WIDTH = 26
MANIFEST = """\
spin_manifest_version = 2
application.name = "swaps"
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
source = "app.wasm"
"""


@dataclass(frozen=True, slots=True)
class Swaps:
    """What so many swaps came to."""

    count: int
    requests: int
    """Answered meanwhile."""
    failures: int
    p50_ms: float
    """From an artefact that is there to the first response of it."""
    p90_ms: float
    max_ms: float
    grown_mb: float
    """Memory the process took in the swaps after the first `WARM`."""
    grown_files: int
    """Open files it has more than after those."""


@dataclass(slots=True)
class _Load:
    """Requests one after another, on connections that are kept."""

    port: int
    requests: int = 0
    failures: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)) as client:
            while not self.done.is_set():
                try:
                    status, text = _ask(client)
                except (OSError, http.client.HTTPException) as error:
                    self.failures.append(repr(error))
                    client.close()
                    continue
                self.requests += 1
                if status != 200 or not text.startswith(b"build "):
                    self.failures.append(f"{status} {text!r}")


def swaps(scratch: Path, count: int = SWAPS) -> Swaps:
    """Replace a small component's wasm again and again, each time once the last one answers."""
    app = scratch / "swaps"
    app.mkdir(parents=True, exist_ok=True)
    (app / "spin.toml").write_text(MANIFEST)
    template = guest("wat/hello").read_bytes()
    _put(app, template, 0)
    with running(_watching(app, scratch)) as server, _loaded(server) as loads:
        times = [_swap(app, template, number, server) for number in range(1, WARM + 1)]
        before = _size(server)
        times += [_swap(app, template, n, server) for n in range(WARM + 1, count + 1)]
        after = _size(server)
    times.sort()
    return Swaps(
        count,
        sum(load.requests for load in loads),
        sum(len(load.failures) for load in loads),
        statistics.median(times),
        times[len(times) * 9 // 10],
        times[-1],
        (after[0] - before[0]) / 1e6,
        after[1] - before[1],
    )


def _watching(app: Path, scratch: Path) -> Launch:
    return spindle(app, scratch / "caches", ["--watch"])


@contextmanager
def _loaded(server: Server) -> Iterator[list[_Load]]:
    loads = [_Load(server.port) for _ in range(CLIENTS)]
    threads = [threading.Thread(target=load.run) for load in loads]
    for thread in threads:
        thread.start()
    try:
        yield loads
    finally:
        for load, thread in zip(loads, threads, strict=True):
            load.done.set()
            thread.join()


def _swap(app: Path, template: bytes, number: int, server: Server) -> float:
    """Milliseconds from a new artefact to its first response."""
    wanted = _put(app, template, number)
    began = time.perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)) as client:
        while _ask(client)[1].rstrip() != wanted:
            if time.perf_counter() - began > LIMIT:
                raise SystemExit(f"swap {number} has not come")
            time.sleep(0.001)
    return (time.perf_counter() - began) * 1000


def _put(app: Path, template: bytes, number: int) -> bytes:
    """Have a build as compilers do: a new file in place of the old; what it answers."""
    text = b"build %d" % number
    start = template.index(PLACE)
    new = app / "app.wasm.part"
    new.write_bytes(template[:start] + text.ljust(WIDTH) + template[start + WIDTH :])
    new.replace(app / "app.wasm")
    return text


def _ask(client: http.client.HTTPConnection) -> tuple[int, bytes]:
    client.request("GET", "/")
    response = client.getresponse()
    return response.status, response.read()


def _size(server: Server) -> tuple[int, int]:
    """Bytes of memory and open files of the server's process; nothing where there is no /proc."""
    process = Path(f"/proc/{server.process.pid}")
    if not process.exists():
        return 0, 0
    pages = int((process / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(list((process / "fd").iterdir()))


def swaps_line(swapped: Swaps) -> str:
    """One line of the table."""
    return (
        f"{swapped.count} swaps under load: p50 {swapped.p50_ms:.0f} ms, "
        f"p90 {swapped.p90_ms:.0f} ms, max {swapped.max_ms:.0f} ms; "
        f"{swapped.failures} of {swapped.requests} requests failed; "
        f"{swapped.grown_mb:+.1f} MB, {swapped.grown_files:+d} open files"
    )

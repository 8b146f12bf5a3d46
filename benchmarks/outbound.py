"""Requests that a guest sends, one after another: ours beside `wasmtime serve`."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.apps import application, guest
from benchmarks.servers import Server, precompile, running, spindle, wasmtime

REQUESTS = 1000
GRANTED = 'allowed_outbound_hosts = ["http://127.0.0.1:*"]\n'


@dataclass(frozen=True, slots=True)
class Outbound:
    """Seconds for all the requests, and seconds of the host's processor time, by round."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    our_cpu: tuple[float, ...]
    their_cpu: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Our time over theirs: the median of the rounds'."""
        return median(a / b for a, b in zip(self.ours, self.theirs, strict=True))


def outbound(scratch: Path, rounds: int) -> Outbound:
    """Measure both hosts in turn, in changing order, on the same guest and the same origin."""
    component = guest("service")
    app = application([component], scratch / "outbound", GRANTED)
    launches = [spindle(app, scratch / "caches"), wasmtime(precompile(component, scratch))]
    with _origin() as url, running(launches[0]) as ours, running(launches[1]) as theirs:
        for server in (ours, theirs):
            _send(server, url)
            server.settle()
        taken: dict[int, list[tuple[float, float]]] = {ours.port: [], theirs.port: []}
        for number in range(rounds):
            for server in (ours, theirs) if number % 2 else (theirs, ours):
                taken[server.port].append(_send(server, url))
    (our_time, our_cpu), (their_time, their_cpu) = (
        tuple(zip(*taken[server.port], strict=True)) for server in (ours, theirs)
    )
    return Outbound(our_time, their_time, our_cpu, their_cpu)


def outbound_line(one: Outbound) -> str:
    """The figure's line."""
    mark = "✓" if one.ratio <= 1 else "✗"
    return (
        f"{REQUESTS} outbound requests of one guest take {median(one.ours):.2f} s "
        f"({median(one.our_cpu):.2f} s of CPU), {one.ratio:.2f} times {mark} "
        f"wasmtime serve's {median(one.theirs):.2f} s ({median(one.their_cpu):.2f} s of CPU)"
    )


def _send(server: Server, url: str) -> tuple[float, float]:
    before, began = server.cpu_ms(), time.perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)) as connection:
        connection.request("GET", f"/fetch/{REQUESTS}/{url}")
        response = connection.getresponse()
        body = response.read()
    if response.status != 200 or b"origin" not in body:
        raise SystemExit(f"a guest could not send requests: {response.status} {body!r}")
    return time.perf_counter() - began, (server.cpu_ms() - before) / 1000


@contextmanager
def _origin() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.origin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
        process.terminate()

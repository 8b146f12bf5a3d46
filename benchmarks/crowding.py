"""What guests that compute without end cost the others: the time of small requests beside them."""

import http.client
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.apps import application, guest
from benchmarks.servers import Server, running, spindle

LOOPING = (0, 1, 4)
REQUESTS = 200
PAUSE = 0.003  # seconds between requests, so that they don't fall in step with time slices


@dataclass(frozen=True, slots=True)
class Crowding:
    """Milliseconds of small requests while so many guests compute without end."""

    looping: int
    p50_ms: float
    p90_ms: float
    max_ms: float


def crowding(scratch: Path) -> Iterator[Crowding]:
    """Measure on connections that are open already, as browsers keep them."""
    components = [guest(name) for name in ("rust-p3", "wat/loops")]
    app = application(components, scratch / "crowding")
    for looping in LOOPING:
        with running(spindle(app, scratch / "caches")) as server:
            server.settle()
            with _looping(server, looping):
                times = sorted(_times(server))
                p50, p90 = statistics.median(times), times[len(times) * 9 // 10]
                yield Crowding(looping, p50, p90, times[-1])


@contextmanager
def _looping(server: Server, count: int) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", server.port))
            stack.enter_context(client)
            client.sendall(b"GET /1 HTTP/1.1\r\nhost: a\r\n\r\n")
        yield


def _times(server: Server) -> list[float]:
    times = []
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as client:
        for _ in range(REQUESTS):
            time.sleep(PAUSE)
            began = time.perf_counter()
            client.request("GET", "/")
            client.getresponse().read()
            times.append((time.perf_counter() - began) * 1000)
    return times


def crowding_line(measured: Crowding) -> str:
    """One line of the table."""
    return (
        f"{measured.looping} guests compute: p50 {measured.p50_ms:.1f} ms, "
        f"p90 {measured.p90_ms:.1f} ms, max {measured.max_ms:.1f} ms"
    )

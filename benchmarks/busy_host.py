"""A host as front ends see it, whose guests answer nobody: exchanges just happen, at a rate.

    python -m benchmarks.busy_host RATE

A line on its stdin is another rate; the end of its stdin is its end.
"""

import asyncio
import sys
import time
from pathlib import Path

from spindle.dev.control import ControlEndpoint, Method
from spindle.dev.methods.exchanges import exchange_methods
from spindle.events import Bus, EventKind
from spindle.exchange import Exchange, HttpInput, HttpOutput
from spindle.history import Keeper

TICK_SECONDS = 0.01
HEADERS = ((b"host", b"127.0.0.1:3000"), (b"accept", b"*/*"))
COUNTED = {"uptime": 0.0, "rss": 0, "cpu_seconds": 0.0, "requests": 0, "errors": 0}


class BusyHost:
    """Publishes finished exchanges, and answers what a list of them asks."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.number = 0
        self._bus = Bus()
        self._keeper = Keeper(self._bus, None, lambda _message, _hints: None)

    async def run(self) -> None:
        """Be busy until stdin ends."""
        await self._keeper.start()
        endpoint = ControlEndpoint(self._methods())
        await endpoint.start(Path("/bench/spin.toml"), "http://127.0.0.1:3000")
        sys.stdout.write("serving\n")
        sys.stdout.flush()
        asyncio.get_running_loop().add_reader(sys.stdin, self._told)
        due = time.perf_counter()
        while self.rate:
            self._happen(max(1, int(self.rate * TICK_SECONDS)))
            due = max(due + TICK_SECONDS, time.perf_counter() - 1)
            await asyncio.sleep(due - time.perf_counter())
        await endpoint.close()
        await self._keeper.close()

    def _told(self) -> None:
        self.rate = int(sys.stdin.readline() or 0)

    def _happen(self, count: int) -> None:
        for _ in range(count):
            self.number += 1
            self._bus.publish(EventKind.EXCHANGE_FINISHED, _exchange(self.number))

    def _methods(self) -> dict[str, Method]:
        info = {
            "pid": 1,
            "app": {"name": "bench", "version": ""},
            "manifest": "/bench/spin.toml",
            "base_url": "http://127.0.0.1:3000",
            "started_at": 0.0,
            "uptime": 0.0,
            "connections": 1,
        }
        return {
            **exchange_methods(self._keeper, self._bus),
            "host/info": lambda _params: info,
            "app/routes": lambda _params: [],
            "stats/get": lambda _params: {
                "at": time.time(),
                "host": {**COUNTED, "connections": 1},
                "routes": [],
                "components": [],
            },
        }


def _exchange(number: int) -> Exchange:
    exchange = Exchange("http", "/...", "api", build="5f2c9d81aa40")
    path = f"/v1/orders/{number}?page={number % 7}"
    exchange.input = HttpInput("GET", "http", "127.0.0.1:3000", path, HEADERS)
    exchange.output = output = HttpOutput(500 if number % 50 == 0 else 200, ())
    output.body.add(b"Hello World!")
    exchange.finish()
    return exchange


if __name__ == "__main__":
    asyncio.run(BusyHost(int(sys.argv[1])).run())

"""A server that other hosts' guests ask: it answers everything alike, at little cost.

    python -m benchmarks.origin

prints its port and serves until its input ends.
"""

import asyncio
import sys
from typing import cast

BODY = b"Hello from the origin!"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n%s"


class Origin(asyncio.Protocol):
    """A connection; requests have no bodies."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)
        self._head = b""

    def data_received(self, data: bytes) -> None:
        """Answer each head that is complete."""
        heads = (self._head + data).split(b"\r\n\r\n")
        self._head = heads.pop()
        if heads:
            self._transport.write(ANSWER % (len(BODY), BODY) * len(heads))


async def main() -> None:
    """Serve."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Origin, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())

"""JSON over HTTP with the services of a cloud: one session, and patience with busy servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import aiohttp

TRIES = 4
"""How often a request is sent, at most, to a server that is busy or failing."""
FIRST_PAUSE = 0.05
"""Seconds; each further pause is twice as long."""


class Reply(NamedTuple):
    """What a service answered."""

    status: int
    headers: Mapping[str, str]
    body: Any
    """JSON, None where there is none."""


class Unreachable(Exception):
    """A service did not answer."""


class Cloud:
    """Sends requests to one service."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        url: str,
        headers: Callable[[], Mapping[str, str]],
        body: bytes = b"",
        is_busy: Callable[[Reply], bool] = lambda _reply: False,
    ) -> Reply:
        """A service's reply, tried again while it is busy; raises `Unreachable`.

        `headers` are made anew each time, for they hold the date and a signature.
        """

        async def ask_once() -> Reply:
            # In a task, for a request has its time: what asks may have begun without one.
            return await asyncio.ensure_future(self._ask_once(method, url, headers(), body))

        pause = FIRST_PAUSE
        for _ in range(TRIES - 1):
            reply = await ask_once()
            if reply.status < 500 and not is_busy(reply):
                return reply
            await asyncio.sleep(pause)
            pause *= 2
        return await ask_once()

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _ask_once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        import aiohttp  # only here: it takes long to import
        from yarl import URL

        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=120, sock_connect=15)
            self._session = aiohttp.ClientSession(timeout=timeout)
        try:
            async with self._session.request(
                method, URL(url, encoded=True), headers=headers, data=body
            ) as response:
                text = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(str(error) or "it did not answer in time") from error
        return Reply(response.status, response.headers, _json(text))


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None

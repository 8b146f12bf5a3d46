"""The methods of a host in this process, called without a socket."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from spindle.client import CallFailed, HostUnreachable
from spindle.client.link import Link, Stream
from spindle.dev.control import BadParams
from spindle.dev.control.answering import INVALID_PARAMS, METHOD_NOT_FOUND
from spindle.dev.host import Host


class HereLink(Link):
    """A link to a host on this event loop; only what it tells of itself comes over a socket."""

    def __init__(self, host: Host, end: Callable[[], Awaitable[None]]) -> None:
        super().__init__(os.getpid())
        self._host = host
        self._end_host = end
        self._told: Link | None = None
        """By which subscriptions are told what happens."""

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # as `Link.call`; nothing here is remote
    ) -> Any:
        """A method's result; raises `SpindleError`."""
        self._check_open()
        function = self._host.methods.get(method)
        if function is None:
            raise CallFailed(f"there is no method `{method}`", METHOD_NOT_FOUND)
        try:
            result = function(params or {})
            return await result if isinstance(result, Awaitable) else result
        except BadParams as error:
            raise CallFailed(str(error), INVALID_PARAMS) from None

    async def subscribe(self, stream: Stream, method: str, params: Mapping[str, Any]) -> int:
        if self._told is None:
            if self._host.run_file is None:
                raise HostUnreachable("the host has no control endpoint to follow it by")
            self._told = await Link.open(self._host.run_file)
        return await self._told.subscribe(stream, method, params)

    def unsubscribe(self, number: int) -> None:
        if self._told is not None:
            self._told.unsubscribe(number)

    async def close(self) -> None:
        """End the host."""
        await super().close()
        if self._told is not None:
            await self._told.close()
        await self._end_host()

"""Requests for handlers that take them whole: the body is waited for before there is a guest."""

from __future__ import annotations

from collections.abc import Callable

from spindle.messages import Body, Request


class TooLarge(Exception):
    """A body is larger than the host keeps whole."""


class Gathering:
    """Takes a request's body as it arrives, and goes on with a request that has it all.

    `then` is called with `None` once the request is whole, or with what is wrong with its body.
    """

    def __init__(
        self, request: Request, limit: int, then: Callable[[BaseException | None], None]
    ) -> None:
        self._request = request
        self._limit = limit
        self._then = then
        self._parts: list[bytes] = []
        self._size = 0
        request.body.on_readable = self._take
        self._take()

    def _take(self) -> None:
        body = self._request.body
        try:
            while chunk := body.read_nowait():
                self._add(chunk)
        except Exception as error:
            self._leave(body, error)
            return
        if chunk is not None:
            self._request.body = Body.of(b"".join(self._parts), body.trailers)
            self._leave(body, None)

    def _add(self, chunk: bytes) -> None:
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size > self._limit:
            raise TooLarge(f"the request's body is larger than {self._limit} bytes")

    def _leave(self, body: Body, error: BaseException | None) -> None:
        body.on_readable = None
        if error is not None:
            body.cancel()
        self._then(error)

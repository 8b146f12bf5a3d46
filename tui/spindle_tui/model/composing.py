"""A request as a person types it: a line, headers, a body."""

from __future__ import annotations

from typing import NamedTuple

from spindle_tui.model.routing import asked


class Composed(NamedTuple):
    """A request to send."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: str


class NotARequest(ValueError):
    """What was typed is no request; the message says why."""


def composed(first: str, headers: str, body: str) -> Composed:
    """The request of three texts; raises `NotARequest`."""
    wanted = asked(first)
    if wanted is None or not wanted.url.startswith("/"):
        raise NotARequest("the first line is a method and a path, such as `POST /users`")
    pairs = []
    for number, each in enumerate(headers.splitlines(), 1):
        name, colon, value = each.partition(":")
        if not each.strip():
            continue
        if not colon or not name.strip():
            raise NotARequest(f"line {number} of the headers is no `name: value`")
        pairs.append((name.strip(), value.strip()))
    return Composed(wanted.method, wanted.url, tuple(pairs), body)

"""The texts of a document that filters look into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spindle.exchange.record import Json


def bodies(document: Json) -> Iterator[str]:
    """The bodies that are text, and whatever else went in or came out that is."""
    for message in (document.get("input"), document.get("output")):
        yield from _texts(message)


def headers(document: Json) -> Iterator[str]:
    """Each header's name, and the header as a line."""
    for message in (document.get("input"), document.get("output")):
        if isinstance(message, Mapping):
            for name, value in message.get("headers") or ():
                yield name
                yield f"{name}: {value}"


def log_lines(document: Json) -> Iterator[str]:
    """What the guest wrote, by lines."""
    logs: Any = document.get("logs", ())
    return (line["text"] for line in logs)


def calls(document: Json) -> Iterator[str]:
    """Each host call's interface, its function, and both."""
    made: Any = document.get("calls", ())
    for call in made:
        interface, func = call["interface"], call["func"]
        yield from (interface, func, f"{interface}#{func}")


def _texts(message: object) -> Iterator[str]:
    if isinstance(message, str):
        yield message
    elif isinstance(message, Mapping):
        if "data" in message and "encoding" in message:
            if message["encoding"] == "utf-8":
                yield message["data"]
            return
        parts = [message["body"]] if "body" in message else message.values()
        for part in parts:
            yield from _texts(part)

"""Cells that are requests, as `.http` files have them: what they are, and what they ask for.

    POST /orders
    content-type: application/json

    {"amount": {{amount * 2}}}

    ###
    GET /orders

What stands between double braces is Python. Pure: evaluating it is the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spindle.errors import UserError

if TYPE_CHECKING:
    from spindle.history import HttpText

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
MAGIC = "%%http"

_REQUEST = re.compile(rf"({'|'.join(VERBS)})[ \t]+(/|https?://|\{{\{{|\*[ \t]*$)")
_BEFORE = re.compile(r"#|//|@[A-Za-z_][\w.-]*\s*=")


class CellError(UserError):
    """A request cell cannot be understood."""

    code = "request-cell"


def is_request(cell: str) -> bool:
    """Whether a cell begins with a request line; comments may be before it."""
    for line in cell.splitlines():
        stripped = line.strip()
        if stripped and not _BEFORE.match(stripped):
            return _REQUEST.match(stripped) is not None
    return False


def as_magic(lines: list[str]) -> list[str]:
    """A cell's lines as IPython takes them: a request is a magic."""
    return [f"{MAGIC}\n", *lines] if is_request("".join(lines)) else lines


def requests_of(cell: str, evaluate: Callable[[str], Any]) -> tuple[HttpText, ...]:
    """The requests of a cell; raises `CellError`, and whatever evaluating Python raises."""
    from spindle.history import parse_http

    parsed = parse_http(cell, lambda expression: _text(evaluate(expression)))
    if parsed.problems:
        said = "\n".join(f"line {p.line + 1}: {p.message}" for p in parsed.problems)
        raise CellError(said)
    if not parsed.requests:
        raise CellError("the cell has no request", hints=("begin with one like `GET /hello`",))
    return parsed.requests


def path_of(url: str) -> str:
    """What an application is asked for: a URL's path and query."""
    _scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    slash = re.search(r"[/?#]", rest)
    path = rest[slash.start() :] if slash else "/"
    return path if path.startswith("/") else f"/{path}"


def _text(value: Any) -> str:
    """A value as it is put into a request: bytes as text, lists and mappings as JSON."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict | list | bool) or value is None:
        import json

        return json.dumps(value)
    return str(value)

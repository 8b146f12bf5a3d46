"""What reading other tools' texts gives."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from spindle.exchange import new_id

Json = dict[str, Any]
Fields = Iterable[tuple[str, str]]

_IN_PATH = "%/:?@!$&'()*+,;=~-._[]"


class Problem(NamedTuple):
    """Something in a text that was not understood, or can't be done here."""

    line: int
    """From 0."""
    message: str


class Imported(NamedTuple):
    """What was read."""

    exchanges: tuple[Json, ...]
    """Documents, of requests alone where the text has no answers."""
    problems: tuple[Problem, ...] = ()


def request_document(method: str, url: str, headers: Fields, body: bytes) -> Json:
    """A request as an exchange that had no answer yet; the URL may be a path alone.

    Raises `ValueError` for what is no URL of HTTP.
    """
    if url.startswith("/"):
        scheme, authority, path = "http", None, url
    else:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"`{url}` is no URL of HTTP")
        scheme, authority = parts.scheme, parts.netloc.rpartition("@")[2]
        path = parts.path or "/"
        path += f"?{parts.query}" if "?" in url.partition("#")[0] else ""
    target = quote(path.partition("#")[0].encode("utf-8", "surrogatepass"), safe=_IN_PATH)
    fields = [[name.lower(), value] for name, value in headers]
    if not any(name == "host" for name, _ in fields):
        fields.insert(0, ["host", authority or "localhost"])
    return {
        "v": 1,
        "id": new_id(),
        "parent": None,
        "replay_of": None,
        "build": None,
        "component": None,
        "instance": None,
        "trigger": {"type": "http", "target": target.partition("?")[0]},
        "input": {
            "method": method,
            "scheme": scheme,
            "authority": authority,
            "path_with_query": target,
            "headers": fields,
            "body": body_document(body),
        },
        "output": None,
        "phases_us": {},
        "calls": [],
        "logs": [],
        "trap": None,
        "traceback": None,
        "truncated": [],
    }


def body_document(body: bytes) -> Json:
    """Bytes as documents have them, whole."""
    size = {"size": len(body), "kept": len(body)}
    try:
        return {**size, "encoding": "utf-8", "data": body.decode()}
    except UnicodeDecodeError:
        return {**size, "encoding": "base64", "data": base64.b64encode(body).decode()}

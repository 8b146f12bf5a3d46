"""HTTP archives: requests with the answers they had."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from spindle.history.imports.reading import (
    Imported,
    Json,
    Problem,
    body_document,
    request_document,
)


def read_har(text: str) -> Imported:
    """The requests of an archive; entries that are none are problems."""
    try:
        entries = json.loads(text)["log"]["entries"]
    except (ValueError, LookupError, TypeError, RecursionError):
        entries = None
    if not isinstance(entries, list):
        return Imported((), (Problem(0, "the text is no HTTP archive: it has no `log.entries`"),))
    exchanges, problems = [], []
    for number, entry in enumerate(entries, 1):
        try:
            exchanges.append(_exchange(entry))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            problems.append(Problem(0, f"entry {number} is left out: {_why(error)}"))
    return Imported(tuple(exchanges), tuple(problems))


def _exchange(entry: Any) -> Json:
    asked = entry["request"]
    headers = [(n, v) for n, v in _pairs(asked.get("headers")) if not n.startswith(":")]
    document = request_document(str(asked["method"]), str(asked["url"]), headers, _posted(asked))
    got = entry.get("response") or {}
    if isinstance(status := got.get("status"), int) and status > 0:
        document["output"] = {
            "status": status,
            "headers": [list(pair) for pair in _pairs(got.get("headers"))],
            "body": body_document(_decoded(got.get("content") or {}, "encoding")),
            "trailers": None,
        }
    if isinstance(took := entry.get("time"), int | float) and took > 0:
        document["phases_us"] = {"total": took * 1000}
    document["id"] = _id(entry.get("startedDateTime"), document["id"])
    return document


def _posted(asked: Json) -> bytes:
    """The body of a request."""
    posted = asked.get("postData") or {}
    if "text" in posted:
        return _decoded(posted, "_encoding")
    return urlencode(_pairs(posted.get("params"))).encode()


def _decoded(content: Json, encoding: str) -> bytes:
    text = str(content.get("text") or "")
    if content.get(encoding) == "base64":
        return base64.b64decode(text)
    return text.encode("utf-8", "surrogatepass")


def _pairs(given: Any) -> list[tuple[str, str]]:
    return [(str(pair["name"]), str(pair.get("value", ""))) for pair in given or ()]


def _id(began: Any, id_: str) -> str:
    """An id that holds when the exchange began, as ids do."""
    try:
        milliseconds = int(datetime.fromisoformat(str(began)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return id_
    return f"{milliseconds:012x}{id_[12:]}" if 0 <= milliseconds < 1 << 48 else id_


def _why(error: Exception) -> str:
    match error:
        case LookupError():
            return f"it has no `{error.args[0]}`"
        case ValueError():
            return str(error)
    return "it is not what an entry of a request is"

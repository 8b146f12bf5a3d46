"""HTTP archives, version 1.2.

Spec: http://www.softwareishard.com/blog/har-12-spec/ (fields whose names begin with `_` are ours).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from spindle import __version__
from spindle.history.exports.request import Sent, body_of

Json = dict[str, Any]


def har_archive(pairs: list[tuple[Json, Sent]], comment: str = "") -> str:
    """An archive of exchanges."""
    log: Json = {
        "version": "1.2",
        "creator": {"name": "spindle", "version": __version__},
        "entries": [_entry(document, sent) for document, sent in pairs],
    }
    if comment:
        log["comment"] = comment
    return json.dumps({"log": log}, indent=2) + "\n"


def _entry(document: Json, sent: Sent) -> Json:
    phases = document.get("phases_us") or {}
    took = float(phases.get("total") or 0) / 1000
    return {
        "startedDateTime": _began(document.get("id")),
        "time": took,
        "request": _request(sent),
        "response": _response(document.get("output")),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "_spindle": {name: document.get(name) for name in ("id", "component", "build", "trap")},
    }


def _request(sent: Sent) -> Json:
    query = parse_qsl(urlsplit(sent.url).query, keep_blank_values=True)
    request: Json = {
        "method": sent.method,
        "url": sent.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(sent.headers),
        "queryString": _pairs(query),
        "headersSize": -1,
        "bodySize": len(sent.body),
    }
    if sent.body:
        kind = sent.header("content-type") or ""
        request["postData"] = {"mimeType": kind, "params": [], **_text(sent.body, "_encoding")}
    if sent.remarks:
        request["comment"] = "; ".join(sent.remarks)
    return request


def _response(answer: Any) -> Json:
    got = answer if isinstance(answer, dict) else {}
    headers = [(str(name), str(value)) for name, value in got.get("headers") or ()]
    named = {name.lower(): value for name, value in headers}
    body = body_of(got)
    size = (got.get("body") or {}).get("size", 0)
    return {
        "status": got.get("status", 0),
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "content": {
            "size": size,
            "mimeType": named.get("content-type", ""),
            **_text(body, "encoding"),
        },
        "redirectURL": named.get("location", ""),
        "headersSize": -1,
        "bodySize": size,
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in pairs]


def _text(body: bytes, encoding: str) -> Json:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), encoding: "base64"}


def _began(id_: Any) -> str:
    """When an exchange began, which its id says."""
    try:
        seconds = int(str(id_)[:12], 16) / 1000
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC).isoformat(timespec="milliseconds")

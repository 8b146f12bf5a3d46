"""Credentials in documents, hidden from whoever looks over a shoulder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from spindle.exchange import Json, Summary

MASK = "***"

_CREDENTIALS = re.compile(
    r"(proxy-)?authorization|(x-)?([\w-]*-)?(api-?key|auth-token|access-token|session-token"
    r"|security-token|csrf-token|xsrf-token|vault-token|secret)",
    re.IGNORECASE,
)
"""Names of headers whose values let in whoever has them."""
_SCHEME = re.compile(r"[A-Za-z][\w-]* +(?=\S)")
_COOKIE_VALUE = re.compile(r"^([^=;]*=)[^;]*|(; *[^=;]*=)[^;]*")
_QUERY_VALUE = re.compile(
    r"([?&;](?:[\w.-]*(?:token|secret|password|passwd|signature|api[-_]?key|access[-_]?key)"
    r"|sig|pwd|auth)=)[^&;#\s]+",
    re.IGNORECASE,
)
_USER = re.compile(r"(://)[^/?#@\s]+@")


def mask(document: Json) -> Json:
    """A copy of a document in which credentials in headers and URLs read `***`.

    Of `Authorization` the scheme stays, of cookies the names. Bodies stay as they are.
    """
    return {key: _masked(key, value) for key, value in document.items()}


def masked_summary(summary: Summary) -> Summary:
    """The line of an exchange without credentials in its path."""
    return summary if summary.path is None else summary._replace(path=masked_url(summary.path))


def masked_header(name: str, value: str) -> str:
    """A header's value without credentials."""
    if name.lower() == "set-cookie":
        cookie, semicolon, attributes = value.partition(";")
        return f"{cookie.partition('=')[0]}={MASK}{semicolon}{attributes}"
    if name.lower() == "cookie":
        return _COOKIE_VALUE.sub(lambda found: f"{found[1] or found[2]}{MASK}", value)
    if _CREDENTIALS.fullmatch(name):
        scheme = _SCHEME.match(value)
        return f"{scheme[0] if scheme else ''}{MASK}"
    return masked_url(value)


def masked_url(text: str) -> str:
    """A text with URLs in it, without credentials in them."""
    return _USER.sub(rf"\1{MASK}@", _QUERY_VALUE.sub(rf"\1{MASK}", text))


def _masked(key: str, value: Any) -> Any:
    match value:
        case [*calls] if key == "trace":
            return [_masked_call(call) for call in calls]
        case str():
            return masked_url(value)
        case Mapping() if "encoding" in value and "data" in value:
            return value
        case Mapping():
            return {name: _masked(name, part) for name, part in value.items()}
        case [*fields] if key in ("headers", "trailers"):
            return [_masked_field(field) for field in fields]
        case [*parts]:
            return [_masked("", part) for part in parts]
    return value


def _masked_call(call: Any) -> Any:
    """A call of a trace: values that are behind a header's name, as in `fields.append`."""
    match call:
        case {"args": [*args], **rest}:
            named = any(isinstance(arg, str) and _names_credential(arg) for arg in args)
            shown = {name: _masked("", part) for name, part in rest.items()}
            result = rest.get("result")
            if isinstance(result, list):
                shown["result"] = _masked_behind(result)
            if named and result is not None:
                shown["result"] = MASK
            return shown | {"args": _masked_behind(args)}
    return _masked("", call)


def _masked_behind(parts: list[Any]) -> list[Any]:
    """Values, of which those behind the name of a header that is a credential are not shown."""
    shown: list[Any] = []
    hidden = False
    for part in parts:
        if hidden:
            shown.append(MASK)
        elif isinstance(part, list):
            shown.append(_masked_behind(part))
        elif isinstance(part, Mapping) and parts and isinstance(parts[0], str):
            shown.append(_masked_value(part))
        else:
            shown.append(_masked("", part))
        hidden = hidden or (isinstance(part, str) and _names_credential(part))
    return shown


def _masked_value(body: Mapping[str, Any]) -> Any:
    """A header's value that is kept as bytes are."""
    data = body.get("data")
    return {**body, "data": masked_url(data)} if isinstance(data, str) else body


def _names_credential(name: str) -> bool:
    return name.lower() in ("cookie", "set-cookie") or _CREDENTIALS.fullmatch(name) is not None


def _masked_field(field: Any) -> Any:
    match field:
        case [str(name), str(value)]:
            return [name, masked_header(name, value)]
    return field

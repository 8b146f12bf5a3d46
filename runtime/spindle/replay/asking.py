"""From an exchange to what it takes to have it happen again: a request, or a firing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from spindle.errors import UserError
from spindle.exchange import Body as Copy
from spindle.exchange import bytes_of
from spindle.executor import Firing
from spindle.messages import Body, Headers, Request
from spindle.trigger.http.headers import chained_component

_FIRST_INJECTED = "spin-path-info"
"""The first of the headers that the host adds, after all others."""
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_IN_TARGETS = "%/:?@!$&'()*+,;=~[]"
"""What is left as it is in a path, apart from letters and digits."""
_FRAMING = frozenset((b"content-length", b"transfer-encoding"))


class NotReplayable(UserError):
    """An exchange can't happen again as it was."""

    code = "not-replayable"


class Edit(NamedTuple):
    """What of a request is to be different; None is as it was."""

    method: str | None = None
    path: str | None = None
    headers: Sequence[tuple[str, str]] | None = None
    """All headers, in place of all."""
    body: bytes | None = None


AS_IT_WAS = Edit()


class HttpAsked(NamedTuple):
    """A request, and the component it was made to by another one, past all routes."""

    request: Request
    component: str | None = None


def asked_of(
    document: Mapping[str, Any], edit: Edit = AS_IT_WAS, *, allow_truncated: bool = False
) -> HttpAsked | Firing:
    """What an exchange was asked; raises `NotReplayable`.

    A body that was not kept whole is sent as far as it was kept, if that is allowed.
    """
    trigger = document.get("trigger")
    type_ = trigger.get("type") if isinstance(trigger, Mapping) else None
    given = document.get("input")
    _check(edit)
    try:
        if type_ == "http" and isinstance(given, Mapping):
            return _request(given, edit, _Bodies(document, allow_truncated))
        if edit != AS_IT_WAS:
            raise NotReplayable("only HTTP requests can be changed before they are replayed")
        if type_ in _FIRINGS and isinstance(given, Mapping):
            return _firing(str(type_), document, given, _Bodies(document, allow_truncated))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotReplayable(f"{_named(document)} is not a sound record: {error!r}") from None
    raise NotReplayable(f"{_named(document)} can't be replayed: its trigger is `{type_}`")


def _check(edit: Edit) -> None:
    """Raise `NotReplayable` for what can't be in a request."""
    if edit.method is not None and not _TOKEN.fullmatch(edit.method):
        raise NotReplayable(f"`{edit.method}` is no HTTP method")
    if edit.path is not None and not edit.path.startswith("/"):
        raise NotReplayable(f"`{edit.path}` is no path: it begins with `/`")
    for name, value in edit.headers or ():
        if not _TOKEN.fullmatch(name) or not value.isprintable() or not _is_latin(value):
            raise NotReplayable(f"`{name}: {value}` is no HTTP header")


def _is_latin(text: str) -> bool:
    return all(ord(character) < 256 for character in text)


class _Bodies(NamedTuple):
    """Reads bodies of a document."""

    document: Mapping[str, Any]
    allow_truncated: bool

    def read(self, body: Mapping[str, Any]) -> bytes:
        data = bytes_of(body)
        if len(data) < body["size"] and not self.allow_truncated:
            raise NotReplayable(
                f"{len(data)} of {body['size']} bytes were kept of the body of "
                + _named(self.document),
                hints=("`--allow-truncated` sends what was kept",),
            )
        return data


def _request(given: Mapping[str, Any], edit: Edit, bodies: _Bodies) -> HttpAsked:
    pairs = [(str(name), str(value)) for name, value in given["headers"]]
    own, client = _without_injected(pairs)
    if edit.headers is not None:
        own = [(name, value.strip()) for name, value in edit.headers]
    data = bodies.read(given["body"]) if edit.body is None else edit.body
    headers = [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in own]
    authority = given["authority"]
    component = chained_component((authority or "").encode())
    request = Request(
        edit.method or given["method"],
        given["scheme"],
        authority,
        given["path_with_query"] if edit.path is None else _target(edit.path),
        _framed(headers, data, exact=edit.body is not None),
        Body.of(data),
    )
    if client is not None:
        request.client = client
    return HttpAsked(request, component)


def _target(path: str) -> str:
    """A path as requests have it."""
    return quote(path.partition("#")[0], safe=_IN_TARGETS)


def _framed(headers: Headers, data: bytes, *, exact: bool) -> Headers:
    """Headers that say how long the body is, if they said it or it is another one."""
    said = any(name in _FRAMING for name, _ in headers)
    rest = [(name, value) for name, value in headers if name not in _FRAMING]
    if said or (exact and data):
        rest.append((b"content-length", b"%d" % len(data)))
    return rest


def _without_injected(
    pairs: list[tuple[str, str]],
) -> tuple[list[tuple[str, str]], tuple[str, int] | None]:
    """A client's own headers, and its address."""
    names = [name.lower() for name, _ in pairs]
    if _FIRST_INJECTED not in names:
        return pairs, None
    at = len(names) - 1 - names[::-1].index(_FIRST_INJECTED)
    own, injected = pairs[:at], dict(pairs[at:])
    host, _, port = injected.get("spin-client-addr", "").rpartition(":")
    return own, (host.strip("[]"), int(port)) if port.isdecimal() else None


def _firing(
    type_: str, document: Mapping[str, Any], given: Mapping[str, Any], bodies: _Bodies
) -> Firing:
    component = document["component"]
    if not isinstance(component, str):
        raise NotReplayable(f"{_named(document)} was handled by no component")
    arguments, recorded = _FIRINGS[type_](given, bodies)
    return Firing(type_, document["trigger"]["target"], component, arguments, recorded)


_Read = Callable[[Mapping[str, Any], _Bodies], tuple[tuple[Any, ...], object]]


def _redis(given: Mapping[str, Any], bodies: _Bodies) -> tuple[tuple[Any, ...], object]:
    payload = bodies.read(given["payload"])
    return (payload,), {**given, "payload": Copy.of(payload)}


def _mqtt(given: Mapping[str, Any], bodies: _Bodies) -> tuple[tuple[Any, ...], object]:
    payload = bodies.read(given["payload"])
    return (payload, (given["topic"],)), {**given, "payload": Copy.of(payload)}


def _cron(given: Mapping[str, Any], _bodies: _Bodies) -> tuple[tuple[Any, ...], object]:
    return ((int(given["timestamp"]),),), dict(given)


def _command(given: Mapping[str, Any], _bodies: _Bodies) -> tuple[tuple[Any, ...], object]:
    return tuple(str(each) for each in given["arguments"]), dict(given)


_FIRINGS: Mapping[str, _Read] = {
    "redis": _redis,
    "mqtt": _mqtt,
    "cron": _cron,
    "command": _command,
}


def _named(document: Mapping[str, Any]) -> str:
    return f"exchange `{document.get('id')}`"

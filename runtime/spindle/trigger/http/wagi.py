"""Wagi, CGI for wasm modules: a request as arguments and environment, stdout as a response.

Pure functions; who runs the module is the executor's business. Spec: RFC 3875, with Wagi's habits.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import unquote

from spindle.errors import GuestError
from spindle.messages import Body, Headers, Request, Response
from spindle.routes import RouteMatch
from spindle.trigger.http.headers import wagi_facts

_FIELD_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+")
_VISIBLE = re.compile(rb"[\t\x20-\x7e]*")
_INSUFFICIENT = b"Exactly one of 'location' or 'content-type' must be specified"


class WagiCall(NamedTuple):
    """What a module is run with."""

    argv: tuple[str, ...]
    environment: dict[str, str]
    """Comes after the manifest's environment, which wins where names are equal."""
    stdin: bytes


class WagiResult(NamedTuple):
    """What a module left behind."""

    stdout: bytes
    exit_code: int = 0


class WagiError(GuestError):
    """A module's output is no response."""

    code = "wagi-output"


def wagi_call(request: Request, match: RouteMatch[Any], argv: str, stdin: bytes) -> WagiCall:
    """Arguments and environment for a request; `argv` is the manifest's pattern."""
    path, _, query = request.path_with_query.partition("?")
    arguments = argv.replace("${SCRIPT_NAME}", path).replace("${ARGS}", query.replace("&", " "))
    environment = {
        **_cgi_variables(request, match, query, len(stdin)),
        **_http_variables(request.headers),
        **dict(wagi_facts(request, match)),
    }
    return WagiCall(tuple(arguments.split(" ")), environment, stdin)


def wagi_response(component: str, result: WagiResult) -> Response:
    """The response a module wrote; raises `WagiError`."""
    if result.exit_code != 0:
        raise WagiError(f"the Wagi component `{component}` exited with status {result.exit_code}")
    if not result.stdout:
        raise WagiError(
            f"the component `{component}` is configured to use the Wagi executor "
            "but did not write to stdout",
            hints=("check the `executor` in spin.toml",),
        )
    head, body = _split_output(result.stdout)
    try:
        fields = _parse_fields(head.decode())
    except UnicodeDecodeError:
        raise WagiError(f"the headers of the Wagi component `{component}` are not UTF-8") from None
    return _compose(fields, body)


def _cgi_variables(
    request: Request, match: RouteMatch[Any], query: str, size: int
) -> dict[str, str]:
    name, port = _name_and_port(request.authority or "localhost")
    path_info = unquote(match.path_info)
    return {
        "AUTH_TYPE": "",
        "CONTENT_LENGTH": str(size),
        # Always empty in Spin; the value is in HTTP_CONTENT_TYPE.
        "CONTENT_TYPE": "",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "QUERY_STRING": query,
        "REMOTE_ADDR": request.client[0],
        "REMOTE_HOST": request.client[0],
        "REMOTE_USER": "",
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": match.route.based.removesuffix("/..."),
        "X_RAW_PATH_INFO": match.path_info,
        "PATH_TRANSLATED": path_info,
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/2.0" if request.http_version == "2" else _http1(request),
        "SERVER_SOFTWARE": "WAGI/1",
    }


def _http1(request: Request) -> str:
    return f"HTTP/{request.http_version}"


def _http_variables(headers: Headers) -> dict[str, str]:
    """`HTTP_*` for each header but those that are secret or the connection's; the last wins."""
    return {
        f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": (
            value.decode() if _VISIBLE.fullmatch(value) else "CORRUPT VALUE"
        )
        for name, value in headers
        if name not in (b"authorization", b"connection")
    }


def _name_and_port(authority: str) -> tuple[str, str]:
    host = authority.rpartition("@")[2]
    name, colon, port = host.rpartition(":")
    if not colon or "]" in port:
        return host, "80"
    return name, port or "80"


def _split_output(stdout: bytes) -> tuple[bytes, bytes]:
    """Headers without carriage returns, and the body; without an empty line all is body."""
    end = re.search(rb"\n\r*\n", stdout)
    if end is None:
        return b"", stdout
    return stdout[: end.start()].replace(b"\r", b""), stdout[end.end() :]


def _parse_fields(head: str) -> dict[str, str]:
    """Fields by lower-case name, the last of equal names; lines that are none are passed over."""
    fields: dict[str, str] = {}
    for line in head.strip().split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields[name.strip().lower()] = value.strip()
    return fields


def _compose(fields: dict[str, str], body: bytes) -> Response:
    status = fields.pop("status", None)
    if status is None and "content-type" not in fields and "location" not in fields:
        return Response(500, body=Body.of(_INSUFFICIENT))
    # The body is whole: the server knows its length better than the module does.
    fields.pop("content-length", None)
    headers = [
        (name.encode(), value.encode())
        for name, value in fields.items()
        if _FIELD_NAME.fullmatch(name)
    ]
    return Response(_status(status, fields), headers, Body.of(body))


def _status(status: str | None, fields: dict[str, str]) -> int:
    if status is None:
        return 302 if "location" in fields else 200
    code = status.split(" ")[0]
    return int(code) if re.fullmatch("[1-9][0-9][0-9]", code) else 502

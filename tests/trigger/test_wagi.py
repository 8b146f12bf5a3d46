"""Wagi: a request as environment, stdout as a response."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.messages import Headers, Request
from spindle.routes import Router, parse_route
from spindle.trigger.http.wagi import WagiError, WagiResult, wagi_call, wagi_response

ROUTER = Router([(parse_route("/cgi/:user_id/..."), "c")])
TEXT = "Content-Type: text/plain"


def environment(path: str, headers: Headers, authority: str = "example.com:8080") -> dict[str, str]:
    request = Request("PUT", "http", authority, path, headers, client=("192.0.2.1", 99))
    match = ROUTER.match(path.partition("?")[0])
    assert match is not None
    return wagi_call(request, match, "${SCRIPT_NAME} ${ARGS}", b"12345").environment


def test_environment() -> None:
    headers = [
        (b"host", b"example.com:8080"),
        (b"content-type", b"text/x"),
        (b"authorization", b"secret"),
        (b"x-two", b"one"),
        (b"x-two", b"two"),
        (b"x-bytes", b"\xff"),
    ]
    assert environment("/cgi/7/a%20b?q=1&r", headers) == {
        "AUTH_TYPE": "",
        "CONTENT_LENGTH": "5",
        "CONTENT_TYPE": "",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "HTTP_CONTENT_TYPE": "text/x",
        "HTTP_HOST": "example.com:8080",
        "HTTP_X_BYTES": "CORRUPT VALUE",
        "HTTP_X_TWO": "two",
        "PATH_INFO": "/a%20b",
        "PATH_TRANSLATED": "/a b",
        "QUERY_STRING": "q=1&r",
        "REMOTE_ADDR": "192.0.2.1",
        "REMOTE_HOST": "192.0.2.1",
        "REMOTE_USER": "",
        "REQUEST_METHOD": "PUT",
        "SCRIPT_NAME": "/cgi/:user_id",
        "SERVER_NAME": "example.com",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "WAGI/1",
        "X_BASE_PATH": "/",
        "X_CLIENT_ADDR": "192.0.2.1:99",
        "X_COMPONENT_ROUTE": "/cgi/:user_id",
        "X_FULL_URL": "http://example.com:8080/cgi/7/a%20b?q=1&r",
        "X_MATCHED_ROUTE": "/cgi/:user_id/...",
        "X_PATH_MATCH_USER_ID": "7",
        "X_RAW_COMPONENT_ROUTE": "/cgi/:user_id/...",
        "X_RAW_PATH_INFO": "/a%20b",
    }


@pytest.mark.parametrize(
    ("authority", "name", "port"),
    [
        ("example.com", "example.com", "80"),
        ("example.com:", "example.com", "80"),
        ("user@example.com:1", "example.com", "1"),
        ("[::1]:8080", "[::1]", "8080"),
        ("[::1]", "[::1]", "80"),
    ],
)
def test_server_name_and_port(authority: str, name: str, port: str) -> None:
    seen = environment("/cgi/7", [], authority)
    assert (seen["SERVER_NAME"], seen["SERVER_PORT"]) == (name, port)


@pytest.mark.parametrize(
    ("pattern", "path", "argv"),
    [
        ("${SCRIPT_NAME} ${ARGS}", "/cgi/7?a=1&b=2", ("/cgi/7", "a=1", "b=2")),
        ("${SCRIPT_NAME} ${ARGS}", "/cgi/7", ("/cgi/7", "")),
        ("tool  -v", "/cgi/7", ("tool", "", "-v")),
    ],
)
def test_argv(pattern: str, path: str, argv: tuple[str, ...]) -> None:
    match = ROUTER.match(path.partition("?")[0])
    assert match is not None
    assert wagi_call(Request("GET", "http", "a", path), match, pattern, b"").argv == argv


@pytest.mark.parametrize(
    ("stdout", "status", "headers", "body"),
    [
        (f"{TEXT}\n\nhi", 200, {b"content-type": b"text/plain"}, b"hi"),
        (
            f"{TEXT}\r\nX-A: b\r\n\r\nhi\r\n",
            200,
            {b"content-type": b"text/plain", b"x-a": b"b"},
            b"hi\r\n",
        ),
        (f"{TEXT}\n\n", 200, {b"content-type": b"text/plain"}, b""),
        ("Status: 418\n\nteapot", 418, {}, b"teapot"),
        ("Status: 404 Not Here\n\n", 404, {}, b""),
        ("Status: abc\n\nbad", 502, {}, b"bad"),
        ("Status: 99\n\nbad", 502, {}, b"bad"),
        ("Location: /else\n\n", 302, {b"location": b"/else"}, b""),
        ("Location: /else\nStatus: 301\n\nb", 301, {b"location": b"/else"}, b"b"),
        (
            f"Location: /else\n{TEXT}\n\n",
            302,
            {b"location": b"/else", b"content-type": b"text/plain"},
            b"",
        ),
        (f"{TEXT}\nX: one\nX: two\n\n", 200, {b"content-type": b"text/plain", b"x": b"two"}, b""),
        (f"{TEXT}\nno colon\nbad name: x\n\nb", 200, {b"content-type": b"text/plain"}, b"b"),
        (f"{TEXT}\nContent-Length: 3\n\n12345", 200, {b"content-type": b"text/plain"}, b"12345"),
        (
            "content-type:text/plain\nX-Time:  10:20  \n\n",
            200,
            {b"content-type": b"text/plain", b"x-time": b"10:20"},
            b"",
        ),
    ],
)
def test_output(stdout: str, status: int, headers: dict[bytes, bytes], body: bytes) -> None:
    response = wagi_response("c", WagiResult(stdout.encode()))
    assert response.status == status
    assert dict(response.headers) == headers
    assert response.body.read_nowait() == body


@pytest.mark.parametrize("stdout", ["X-Other: 1\n\nbody", "no headers", TEXT + "\n", "\nblank"])
def test_output_without_a_kind_is_a_500_that_says_so(stdout: str) -> None:
    response = wagi_response("c", WagiResult(stdout.encode()))
    assert response.status == 500
    assert b"must be specified" in (response.body.read_nowait() or b"")


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (WagiResult(b""), "did not write to stdout"),
        (WagiResult(f"{TEXT}\n\nhi".encode(), 1), "exited with status 1"),
        (WagiResult(b"X: \xff\n\n"), "not UTF-8"),
    ],
)
def test_output_that_is_an_error(result: WagiResult, problem: str) -> None:
    with pytest.raises(WagiError, match=problem):
        wagi_response("c", result)


@given(st.binary(min_size=1))
def test_any_output_is_a_response_or_an_error(stdout: bytes) -> None:
    try:
        response = wagi_response("c", WagiResult(stdout))
    except WagiError:
        return
    assert 100 <= response.status <= 999

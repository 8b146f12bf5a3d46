"""What WASI 0.2 handlers do wrong with their response."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest
from tests.conftest import built
from tests.executor.harness import Running, serving


@pytest.fixture(scope="module")
def host() -> Iterator[Running]:
    with serving({"root": built("reflect")}) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/trap", "wasm `unreachable` instruction executed"),
        ("/noresponse", "guest failed to produce a response prior to returning"),
        ("/error", "the guest answered with the error `internal-error: reflected`"),
    ],
)
def test_no_response_is_500_and_told(host: Running, path: str, message: str) -> None:
    answer = host.get(path)
    assert (answer.status, answer.body) == (500, b"")
    assert host.error_of(path) == message


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/trap-late", b"partial", "wasm `unreachable` instruction executed"),
        (
            "/nofinish",
            b"unfinished",
            "the response's body ended with the error `HTTP-protocol-error`",
        ),
    ],
)
def test_a_response_cut_short_ends_and_is_told(
    host: Running, path: str, body: bytes, message: str
) -> None:
    host.errors.clear()
    answer = host.get(path)
    assert (answer.status, answer.body) == (200, body)
    assert host.error_of("root") == message


@pytest.mark.parametrize("path", ["/short", "/long"])
def test_a_body_not_as_long_as_promised(host: Running, path: str) -> None:
    host.errors.clear()
    with pytest.raises(http.client.IncompleteRead):
        host.get(path)
    assert "`HTTP-response-body-size: 5`" in host.error_of("root")

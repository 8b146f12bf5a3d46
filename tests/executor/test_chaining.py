"""Components that call one another, without the network."""

from __future__ import annotations

import pytest
from tests.executor.harness import Running


@pytest.mark.parametrize(
    ("component", "body"),
    [("rust-p2", b"Hello World!"), ("rust-p3", b"Hello World!"), ("wagi", b"argc=")],
)
def test_a_component_calls_another(running: Running, component: str, body: bytes) -> None:
    answer = running.get(f"/send?url=http://{component}.spin.internal/x")
    assert answer.status == 200
    assert answer.body.startswith(body)


def test_a_component_calls_itself(running: Running) -> None:
    answer = running.get("/send?url=http://root.spin.internal/hello")
    assert (answer.status, answer.body) == (200, b"Hello from the guest!")


def test_wasi_02_calls_another_component(running: Running) -> None:
    answer = running.get("/javascript/send?url=http://rust-p3.spin.internal/")
    assert (answer.status, answer.body) == (200, b"Hello World!")


def test_bodies_pass_along(running: Running) -> None:
    path = "/send?method=POST&url=http://javascript.spin.internal/echo"
    answer = running.request("POST", path, b"x" * 300_000)
    assert answer.body == b"x" * 300_000


def test_the_others_failure_is_a_500(running: Running) -> None:
    answer = running.get("/send?url=http://traps.spin.internal/")
    assert answer.status == 500
    assert running.get("/hello").status == 200


def test_nobody_of_that_name(running: Running) -> None:
    path = "/send?url=http://nobody.spin.internal/"
    assert running.get(path).status == 500
    assert running.error_of(path) == "unknown routing destination `nobody`"

"""The real `spindle up` beside guests that misbehave."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from socket import create_connection

import pytest
from tests.conftest import Host

ROUTES = ("hello", "loops", "traps", "grows", "stalls", "waits", "answers-twice")


@pytest.fixture
def app(guest: Callable[[str], Path], tmp_path: Path) -> Path:
    """An application with a component of each kind, at its name."""
    lines = ["spin_manifest_version = 2", "[application]", 'name = "hostile"', 'version = "1.0.0"']
    for name in ROUTES:
        lines += ["[[trigger.http]]", f'route = "/{name}"', f'component = "{name}"']
        lines += [f"[component.{name}]", f'source = "{guest(f"wat/{name}")}"']
    (tmp_path / "spin.toml").write_text("\n".join(lines))
    return tmp_path


def test_a_host_outlives_its_guests(up: Callable[..., Host], app: Path) -> None:
    host = up(app, "--request-timeout", "1s", "--max-instance-memory", "20000000")
    with ExitStack() as stack:
        for _ in range(4):
            client = stack.enter_context(create_connection(("127.0.0.1", host.port)))
            client.sendall(b"GET /loops HTTP/1.1\r\nhost: a\r\n\r\n")
        for _ in range(10):
            assert host.get("/hello").status == 200
        statuses = {name: host.get(f"/{name}").status for name in ROUTES}
    assert statuses == {
        "hello": 200,
        "loops": 500,
        "traps": 500,
        "grows": 200,
        "stalls": 200,
        "waits": 500,
        "answers-twice": 200,
    }
    assert host.get("/hello").text == "hello from the text format"
    assert host.process.poll() is None

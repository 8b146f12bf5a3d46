"""Limits as people set them: in the manifest and on the command line."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.conftest import SPINDLE

Host = Any
Up = Callable[..., Host]
Guest = Callable[[str], Path]
GREETING = "hello from the text format"


def application(directory: Path, guest: Guest, settings: str, *, all_: str = "") -> Path:
    """Guests that loop, wait and greet; `settings` are those of who loops."""
    parts = [
        'spin_manifest_version = 2\n[application]\nname = "limits"\n'
        f"[application.tool.spindle]\n{all_}"
    ]
    for name in ("loops", "waits", "hello"):
        parts.append(
            f'[[trigger.http]]\nroute = "/{name}"\ncomponent = "{name}"\n'
            f'[component.{name}]\nsource = "{guest(f"wat/{name}")}"\n'
        )
    parts.append(f"[component.loops.tool.spindle]\n{settings}")
    (directory / "spin.toml").write_text("\n".join(parts))
    return directory


@pytest.mark.parametrize(
    ("settings", "all_", "flags", "said"),
    [
        ('max_cpu_time = "100ms"', "", (), "the limit is 0.1s (`--max-cpu-time`)"),
        ("", "max_cpu_time = 0.1", (), "the limit is 0.1s (`--max-cpu-time`)"),
        ('max_cpu_time = "none"', "", ("--max-cpu-time", "100ms"), "the limit is 0.1s"),
        ('request_timeout = "200ms"', "", (), "exceeded the request timeout"),
        ('request_timeout = "none"', "", ("--request-timeout", "200ms"), "the request timeout"),
    ],
)
def test_a_limit_holds_wherever_it_is_set(
    tmp_path: Path,
    guest: Guest,
    up: Up,
    settings: str,
    all_: str,
    flags: tuple[str, ...],
    said: str,
) -> None:
    host = up(application(tmp_path, guest, settings, all_=all_), *flags)
    assert host.get("/loops").status == 500
    eventually(host.output, lambda text: said in text)
    assert host.get("/hello").text == GREETING


def test_a_host_with_enough_to_do_says_so(tmp_path: Path, guest: Guest, up: Up) -> None:
    host = up(application(tmp_path, guest, "", all_="max_requests = 1"))
    with socket.create_connection(("127.0.0.1", host.port)) as client:
        client.sendall(b"GET /waits HTTP/1.1\r\nhost: a\r\n\r\n")
        answer = eventually(lambda: host.get("/hello"), lambda answer: answer.status == 503)
        assert answer.headers["retry-after"] == "1"
        assert "the host is overloaded: the limit is 1 (`--max-requests`)" in answer.text
    eventually(lambda: host.get("/hello"), lambda answer: answer.status == 200)


def test_guests_that_call_one_another_for_ever_come_to_an_end(
    tmp_path: Path, guest: Guest, up: Up
) -> None:
    (tmp_path / "spin.toml").write_text(
        'spin_manifest_version = 2\n[application]\nname = "chain"\n'
        "[application.tool.spindle]\nmax_chain_depth = 2\n"
        '[[trigger.http]]\nroute = "/..."\ncomponent = "link"\n'
        f'[component.link]\nsource = "{guest("python")}"\n'
        'allowed_outbound_hosts = ["http://link.spin.internal"]\n'
    )
    host = up(tmp_path)
    assert host.get(chained(2)).text == "Hello from the guest!"
    assert "Hello" not in host.get(chained(3)).text
    eventually(host.output, lambda text: "the limit is 2 (`--max-chain-depth`)" in text)
    assert host.get(chained(2)).status == 200


def chained(times: int) -> str:
    """What to ask a guest that calls itself so many times, one request from within another."""
    path = "/hello"
    for _ in range(times):
        path = "/send?" + urlencode({"url": f"http://link.spin.internal{path}"})
    return path


def eventually(ask: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    """The first good answer."""
    until = time.monotonic() + 60
    while not good(answer := ask()):
        assert time.monotonic() < until
        time.sleep(0.005)
    return answer


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("max_cpu_tiem = 5", "did you mean `max_cpu_time`?"),
        ('max_cpu_time = "an hour"', "expected a time, such as 5, `5s` or `100ms`, or `none`"),
    ],
)
def test_a_setting_that_is_none_keeps_the_application_from_starting(
    tmp_path: Path, guest: Guest, settings: str, said: str
) -> None:
    app = application(tmp_path, guest, settings)
    done = subprocess.run(
        [SPINDLE, "up", "-f", str(app), "--listen", "127.0.0.1:0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert settings in done.stderr

"""Guests that misbehave, served by a host of its own: each request gets a clear answer, and the
host goes on serving everyone else."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Guest = Callable[[str], Path]
Host = Any

FAILING = {
    "traps": "unreachable",
    "overflows": "call stack exhausted",
    "never-answers": "without a result",
    "forges-handle": "999",
    "overruns-memory": "out of bounds",
}
"""Guests that are answered 500, with a part of what is said of them."""
TOO_LONG = ["loops", "waits", "yields"]
GOOD = ["empty", "hello", "grows", "drops-stream"]
LATE = ["loops-late", "stalls"]


@pytest.fixture(scope="module")
def host(guest: Guest, up: Callable[..., Host], tmp_path_factory: pytest.TempPathFactory) -> Host:
    directory = tmp_path_factory.mktemp("hostile")
    names = [*FAILING, *TOO_LONG, *GOOD, *LATE]
    parts = ['spin_manifest_version = 2\n[application]\nname = "hostile"\n']
    for name in names:
        parts.append(
            f'[[trigger.http]]\nroute = "/{name}"\ncomponent = "{name}"\n'
            f'[component.{name}]\nsource = "{guest(f"wat/{name}")}"\n'
        )
    (directory / "spin.toml").write_text("\n".join(parts))
    limits = ["--request-timeout", "500ms", "--max-instance-memory", "100000000"]
    return up(directory, *limits)


def said(host: Host, what: str) -> str:
    """The line of the host's output about something: it may come after the client's answer."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        lines: list[str] = host.output().splitlines()
        if found := [line for line in lines if what in line]:
            return found[0]
        time.sleep(0.02)
    return f"nothing is said of {what}"


@pytest.mark.parametrize("name", FAILING)
def test_a_failing_guest_is_a_500(host: Host, name: str) -> None:
    for _ in range(3):
        answer = host.get(f"/{name}")
        assert (answer.status, answer.body) == (500, b"")
    assert host.get("/hello").status == 200


@pytest.mark.parametrize("name", FAILING)
def test_what_failed_is_said(host: Host, name: str) -> None:
    host.get(f"/{name}")
    line = said(host, f"GET /{name}:")
    assert line.startswith("error: ")
    assert FAILING[name] in line


@pytest.mark.parametrize("name", TOO_LONG)
def test_a_guest_that_takes_too_long_is_a_500(host: Host, name: str) -> None:
    answer = host.get(f"/{name}")
    assert (answer.status, answer.body) == (500, b"")
    assert "exceeded the request timeout" in said(host, f"GET /{name}:")


@pytest.mark.parametrize(("name", "body"), [(n, b"") for n in GOOD if n != "hello"])
def test_odd_guests_that_do_no_wrong_are_answered(host: Host, name: str, body: bytes) -> None:
    answer = host.get(f"/{name}")
    assert (answer.status, answer.body) == (200, body)


@pytest.mark.parametrize(
    ("name", "body"), [("loops-late", b""), ("stalls", b"hello from the text format")]
)
def test_what_was_answered_before_going_wrong_arrives(host: Host, name: str, body: bytes) -> None:
    answer = host.get(f"/{name}")
    assert (answer.status, answer.body) == (200, body)


@pytest.mark.parametrize("name", ["loops", "yields", "waits", "loops-late"])
def test_others_are_served_meanwhile(host: Host, name: str) -> None:
    # On a busy machine the misbehaving request may be over before this thread runs again.
    assert any(served_during(host, name) for _ in range(10))


def served_during(host: Host, name: str) -> int:
    """How many requests were answered while one to a misbehaving guest was under way."""
    running = threading.Thread(target=host.get, args=[f"/{name}"])
    running.start()
    served = 0
    while running.is_alive() and served < 5:
        assert host.get("/hello").text == "hello from the text format"
        served += 1
        time.sleep(0.005)
    running.join()
    return served

"""What guests of two languages and two WASI versions see of the host, over real sockets."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

Guest = Callable[[str], Path]
Up = Callable[..., Any]

MANIFEST = """
spin_manifest_version = 2
[application]
name = "behaviour"
[[trigger.http]]
route = "/{name}/..."
component = "{name}"
[[trigger.http]]
route = "/other"
component = "other"
[component.{name}]
source = "{source}"
environment = {{ GREETING = "hello there" }}
files = [{{ source = "files", destination = "/data" }}]
allowed_outbound_hosts = ["http://other.spin.internal", "http://self"]
[component.other]
source = "{other}"
"""


def application(directory: Path, guest: Guest, name: str) -> Path:
    (directory / "files").mkdir()
    (directory / "files" / "note.txt").write_text("a note")
    text = MANIFEST.format(name=name, source=guest(name), other=guest("wat/hello"))
    (directory / "spin.toml").write_text(text)
    return directory


@pytest.fixture(scope="module", params=["python", "javascript"])
def either(
    request: pytest.FixtureRequest, guest: Guest, up: Up, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, str]:
    name: str = request.param
    return up(application(tmp_path_factory.mktemp(name), guest, name)), f"/{name}"


@pytest.fixture(scope="module")
def python(guest: Guest, up: Up, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return up(application(tmp_path_factory.mktemp("python"), guest, "python"))


@pytest.mark.parametrize("size", [0, 1, 65_536, 1_000_000])
@pytest.mark.parametrize("behaviour", ["echo", "length"])
def test_bodies_pass_whole(either: tuple[Any, str], behaviour: str, size: int) -> None:
    host, base = either
    body = bytes(range(256)) * (size // 256 + 1)
    answer = host.request("POST", f"{base}/{behaviour}", body[:size])
    expected = body[:size] if behaviour == "echo" else str(size).encode()
    assert answer.status == 200
    assert answer.body == expected


def test_bodies_come_from_the_guest(either: tuple[Any, str]) -> None:
    host, base = either
    assert host.get(f"{base}/flood?size=300000").body == bytes(300_000)
    assert host.get(f"{base}/drip?count=3&ms=2").text == "0\n1\n2\n"


def test_timers_run(either: tuple[Any, str]) -> None:
    host, base = either
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: host.get(f"{base}/sleep?ms=20").text, range(16)))
    assert answers == ["slept"] * 16


def test_random_numbers_differ_between_requests(either: tuple[Any, str]) -> None:
    host, base = either
    assert len({host.get(f"{base}/chance").text for _ in range(8)}) == 8


def test_output_is_shown(either: tuple[Any, str]) -> None:
    host, base = either
    assert host.get(f"{base}/log?text=unique-{base[1:]}").text == "logged"
    assert f"out: unique-{base[1:]}" in host.output()
    assert f"err: unique-{base[1:]}" in host.output()


def test_status_and_failure(either: tuple[Any, str]) -> None:
    host, base = either
    assert host.get(f"{base}/status?code=418").status == 418
    assert host.get(f"{base}/fail").status == 500
    assert host.get(f"{base}/hello").status == 200


def test_another_component_answers_inside(either: tuple[Any, str]) -> None:
    host, base = either
    answer = host.get(f"{base}/send?url=http://other.spin.internal/x")
    assert (answer.status, answer.text) == (200, "hello from the text format")


def test_instances_are_reused_until_they_trap(python: Any) -> None:
    # Any of several instances may answer: one still finishes the request before, one idles away.
    names = [python.get("/python/whoami").text for _ in range(20)]
    assert len(set(names)) < len(names)
    assert python.get("/python/trap").status == 500
    [trapped] = re.findall(r"trapping (\w+)", python.output())
    assert trapped not in {python.get("/python/whoami").text for _ in range(20)}


def test_requests_arrive_as_sent(python: Any) -> None:
    answer = python.request("PUT", "/python/reflect?a=b%20c", b"x", {"x-custom": "value"})
    head = json.loads(answer.body)
    assert (head["method"], head["scheme"]) == ("PUT", "http")
    assert head["path_with_query"] == "/python/reflect?a=b%20c"
    assert ["x-custom", "value"] in head["headers"]
    assert ["spin-path-info", "/reflect"] in head["headers"]


def test_a_guest_sees_its_environment_and_files_alone(python: Any) -> None:
    assert json.loads(python.get("/python/env").body)["env"] == {"GREETING": "hello there"}
    assert python.get("/python/read?path=/data/note.txt").text == "a note"
    assert python.get("/python/read?path=/data").text == "note.txt"
    assert python.get("/python/read?path=/data/../../etc/passwd").status == 502
    assert python.get("/python/write-file?path=/data/new.txt").status == 502


def test_hosts_not_allowed_are_refused(python: Any) -> None:
    answer = python.get("/python/send?url=http://127.0.0.1:9/")
    assert answer.status == 502
    assert b"ErrorCode" in answer.body

"""`spindle replay` as a person runs it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.cli.harness import Run, Up

MANIFEST = """
spin_manifest_version = 2
[application]
name = "replayed"
[[trigger.http]]
route = "/..."
component = "lab"
[component.lab]
source = "{}"
key_value_stores = ["default"]
"""
RANDOM = "import random\nreturn random.random()"
COUNT = """
with await key_value.open_default() as store:
    number = int(await store.get("n") or b"0") + 1
    await store.set("n", str(number).encode())
return number
"""


@pytest.fixture
def app(tmp_path: Path, guest: Callable[[str], Path]) -> Path:
    directory = tmp_path / "app"
    directory.mkdir()
    (directory / "spin.toml").write_text(MANIFEST.format(guest("lab-python")))
    return directory


def ask(base_url: str, path: str, code: str) -> str:
    """What the guest's code returns."""
    client = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=60)
    client.request("POST", path, code)
    answer = client.getresponse().read().decode()
    client.close()
    return answer


def test_with_a_host_and_without(app: Path, up: Up, run: Run) -> None:
    serving = up(app, "--record", "--quiet")
    ask(serving.base_url, "/same", "return 1")
    ask(serving.base_url, "/other", RANDOM)
    assert ask(serving.base_url, "/count", COUNT) == "1"

    def check() -> None:
        same = run("replay", "path=/same", cwd=app)
        assert same.returncode == 0, same.stderr
        assert same.stdout.startswith("= ")
        assert "POST /same → 200" in same.stdout
        other = run("replay", "path=/other", cwd=app)
        assert other.returncode == 4, other.stderr
        assert "  output.body: " in other.stdout
        recorded = run("replay", "path~/ -path=/again", "--hosts", "recorded", cwd=app)
        assert recorded.returncode == 0, recorded.stderr
        assert recorded.stdout.endswith("3 exchanges: 3 as they were, 0 different\n")
        count = run("replay", "path=/count", "--format", "json", cwd=app)
        assert count.returncode == 0, count.stderr
        came = json.loads(count.stdout)
        assert came["exchange"]["replay_of"] == came["id"]
        assert came["notes"] == [
            "key `n` of store `default` is removed from the fork: it was not there then"
        ]

    check()
    assert ask(serving.base_url, "/again", COUNT) == "2"  # replays left it alone
    code, stderr = serving.stop()
    assert code == 0, stderr
    again = run("replay", "path=/again", "--state", "live", cwd=app)
    assert again.returncode == 4
    assert 'output.body: "2" → "3"' in again.stdout
    check()


def test_what_can_not_be_replayed_is_said(app: Path, run: Run, tmp_path: Path) -> None:
    nothing = run("replay", "path~/", cwd=app)
    assert nothing.returncode == 2
    assert "error: no exchanges of this application are kept" in nothing.stderr
    wrong = run("replay", "status>", cwd=app)
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr
    file = tmp_path / "x.json"
    nothing_in_it: dict[str, object] = {
        "input": None,
        "output": None,
        "calls": [],
        "logs": [],
        "trap": None,
    }
    trigger = {"type": "call", "target": "f"}
    file.write_text(json.dumps({"v": 1, "id": "x", "trigger": trigger, **nothing_in_it}))
    odd = run("replay", str(file), cwd=app)
    assert odd.returncode == 1
    assert odd.stdout == "✗ x can't be replayed\n"
    assert "exchange `x` can't be replayed: its trigger is `call`" in odd.stderr

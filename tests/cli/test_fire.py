"""`spindle fire`, and `spindle up` for what is not HTTP, as a person runs them."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.cli.conftest import COMMAND
from tests.cli.harness import Run, Up
from tests.trigger import event_guests

MANIFEST = """
spin_manifest_version = 2
[application]
name = "events"
[application.trigger.redis]
address = "redis://127.0.0.1:1"
[[trigger.redis]]
channel = "orders"
component = "handler"
[component.handler]
source = "handler.wasm"
[[trigger.http]]
route = "/hi"
static_response = { body = "hello", headers = { content-type = "text/plain" } }
"""
ONCE = """
spin_manifest_version = 2
[application]
name = "once"
[[trigger.command]]
component = "command"
[component.command]
source = "command.wasm"
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An application of a Redis trigger and a route."""
    directory = tmp_path / "app"
    directory.mkdir()
    (directory / "spin.toml").write_text(MANIFEST)
    (directory / "handler.wasm").write_bytes(event_guests.old_redis())
    return directory


@pytest.fixture
def once(tmp_path: Path) -> Callable[[int], Path]:
    """Call it with an exit status to have an application of one command."""

    def made(status: int) -> Path:
        directory = tmp_path / "once"
        directory.mkdir(exist_ok=True)
        (directory / "spin.toml").write_text(ONCE)
        (directory / "command.wasm").write_bytes(event_guests.command(status))
        return directory

    return made


def test_a_stopped_application(run: Run, app: Path) -> None:
    fired = run("fire", "redis", "orders", "fine", cwd=app)
    assert (fired.returncode, fired.stderr) == (0, "")
    assert fired.stdout.startswith("handler: ok (")
    fired = run("fire", "redis", "orders", "error", cwd=app)
    assert fired.returncode == 1
    assert fired.stdout.startswith("handler: failed: the guest answered with the error `error`")
    fired = run("fire", "redis", "orders", "trap", cwd=app)
    assert fired.returncode == 1
    assert "error: redis orders: wasm `unreachable` instruction executed" in fired.stderr
    assert "handle-message" in fired.stderr
    fired = run("fire", "redis", "others", "fine", cwd=app)
    assert fired.returncode == 2
    assert "no Redis trigger listens to the channel `others`" in fired.stderr
    assert "there is `orders`" in fired.stderr


def test_a_running_application(run: Run, up: Up, app: Path) -> None:
    serving = up(app, "--listen", "127.0.0.1:0")
    fired = run("fire", "redis", "orders", "fine", "--format", "json", cwd=app)
    [exchange] = json.loads(fired.stdout)["exchanges"]
    assert exchange["trigger"] == {"type": "redis", "target": "orders"}
    assert "changes nothing" not in fired.stderr
    fired = run("fire", "redis", "orders", "trap", cwd=app)
    assert fired.returncode == 1
    assert "wasm `unreachable` instruction executed" in fired.stderr
    fired = run("fire", "redis", "others", "x", "--variable", "a=b", cwd=app)
    assert fired.returncode != 0
    assert "there is `orders`" in fired.stderr
    assert "the application is running: `--variable` changes nothing" in fired.stderr
    status, told = serving.stop()
    assert status == 0
    assert "no messages come from Redis at 127.0.0.1:1" in told


def test_what_was_fired_is_kept(run: Run, app: Path) -> None:
    assert run("fire", "redis", "orders", "fine", cwd=app).returncode == 0
    assert run("fire", "redis", "orders", "trap", cwd=app).returncode == 1
    assert run("fire", "redis", "orders", "fine", "--no-history", cwd=app).returncode == 0
    kept = run("exchanges", "--where", "trigger:redis", "--format", "json", cwd=app)
    summaries = [json.loads(line) for line in kept.stdout.splitlines()]
    assert [each["target"] for each in summaries] == ["orders", "orders"]
    assert [each["trap"] is None for each in summaries] == [True, False]
    assert "redis orders" in run("show", summaries[0]["id"], cwd=app).stdout


def test_payloads_of_files_and_stdin(run: Run, app: Path, environment: Mapping[str, str]) -> None:
    (app / "payload").write_bytes(b"\xff\0")
    fired = run("fire", "redis", "orders", "@payload", "--format", "json", cwd=app)
    payload = json.loads(fired.stdout)["exchanges"][0]["input"]["payload"]
    assert payload == {"size": 2, "kept": 2, "encoding": "base64", "data": "/wA="}
    command = [*COMMAND, "fire", "redis", "orders", "-", "--format", "json"]
    piped = subprocess.run(
        command, cwd=app, env=environment, input=b"piped", capture_output=True, check=True
    )
    assert json.loads(piped.stdout)["exchanges"][0]["input"]["payload"]["data"] == "piped"
    fired = run("fire", "redis", "orders", "@nowhere", cwd=app)
    assert fired.returncode == 2
    assert "`nowhere` can't be read" in fired.stderr


def test_requests(run: Run, app: Path) -> None:
    fired = run("fire", "http", "/hi", cwd=app)
    assert (fired.returncode, fired.stdout) == (0, "hello")
    assert fired.stderr.splitlines()[:2] == ["HTTP 200", "content-type: text/plain"]
    fired = run("fire", "http", "DELETE", "/hi", "-H", "a: b", cwd=app)
    assert (fired.returncode, fired.stdout) == (0, "hello")
    assert run("fire", "http", "hi", cwd=app).returncode == 2
    assert run("fire", "http", "GET", "/hi", "more", cwd=app).returncode == 2


def test_a_command_by_hand(run: Run, once: Callable[[int], Path]) -> None:
    fired = run("fire", "command", "command", "--", "a", "-b", cwd=once(0))
    assert (fired.returncode, fired.stdout) == (0, "command\0a\0-b\0\n")
    assert run("fire", "command", "command", cwd=once(3)).returncode == 1


@pytest.mark.parametrize("status", [0, 7])
def test_up_ends_with_its_commands(run: Run, once: Callable[[int], Path], status: int) -> None:
    ended = run("up", "--state-dir", "", "--", "a", "--listen", cwd=once(status))
    assert ended.returncode == status
    assert ended.stdout == "command\0a\0--listen\0"


def test_up_goes_on_beside_commands(up: Up, once: Callable[[int], Path]) -> None:
    directory = once(7)
    manifest = directory / "spin.toml"
    route = '[[trigger.http]]\nroute = "/"\nstatic_response = { body = "hello" }\n'
    manifest.write_text(manifest.read_text() + route)
    serving = up(directory, "--listen", "127.0.0.1:0")
    assert serving.stop()[0] == 0


def test_up_without_http(
    run: Run, app: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    manifest = app / "spin.toml"
    manifest.write_text(manifest.read_text().partition("[[trigger.http]]")[0])
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*COMMAND, "up"], cwd=app, env=environment, stdout=output, stderr=output
        )
        until = time.monotonic() + 60
        while "no messages come from" not in log.read_text() and time.monotonic() < until:
            time.sleep(0.01)
        [host] = json.loads(run("ps", "--format", "json").stdout)
        assert host["base_url"] is None
        assert "events" in run("ps").stdout
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert "Serving" not in log.read_text()

"""`spindle up` with guests: their output, their settings, and how a host with them ends."""

import json
import shutil
import signal
import socket
import sqlite3
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from tests.cli.harness import Run, Serving, Up

MANIFEST = """
spin_manifest_version = 2
application = { name = "guests" }

[[trigger.http]]
route = "/..."
component = "a"

[[trigger.http]]
route = "/b/..."
component = "b"

[component.a]
source = "reflect.wasm"
environment = { NAME = "a", KEPT = "yes" }

[component.b]
source = "reflect.wasm"
"""

OUTPUT = "to stdout\nto stderr\nno newline at end"
LOGGING = 'Logging component stdio to ".spin/logs/"\n'
A_LOGS = {"a_stdout.txt": "to stdout\nno newline at end", "a_stderr.txt": "to stderr\n"}


@pytest.fixture
def app(tmp_path: Path, guest: Callable[[str], Path]) -> Path:
    directory = tmp_path / "app"
    directory.mkdir()
    shutil.copy(guest("reflect"), directory / "reflect.wasm")
    (directory / "spin.toml").write_text(MANIFEST)
    return directory


def get(serving: Serving, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(serving.base_url + path, timeout=60) as response:
            return response.status, response.read()
    except HTTPError as error:
        return error.code, error.read()


def reflected(serving: Serving, path: str) -> Any:
    return json.loads(get(serving, path)[1])


def logs(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in directory.iterdir()}


def test_output_goes_to_files_and_to_stderr(up: Up, app: Path) -> None:
    serving = up(app)
    assert logs(app / ".spin" / "logs") == {}
    get(serving, "/stdio")
    assert serving.stop() == (0, LOGGING + OUTPUT)
    assert logs(app / ".spin" / "logs") == A_LOGS


def test_log_files_are_appended_to_unless_truncated(up: Up, app: Path) -> None:
    for flags, times in (([], 1), ([], 2), (["--truncate-logs"], 1)):
        serving = up(app, *flags)
        get(serving, "/stdio")
        serving.stop()
        assert logs(app / ".spin" / "logs") == {k: v * times for k, v in A_LOGS.items()}


@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        (["-q"], ""),
        (["--quiet"], ""),
        (["--follow", "a"], OUTPUT),
        (["--follow", "b"], ""),
        (["--follow", "b", "--follow", "a"], OUTPUT),
    ],
)
def test_whose_output_is_shown(up: Up, app: Path, flags: list[str], shown: str) -> None:
    serving = up(app, *flags)
    get(serving, "/stdio")
    assert serving.stop() == (0, LOGGING + shown)
    assert logs(app / ".spin" / "logs") == A_LOGS


def test_a_component_without_output_has_empty_log_files(up: Up, app: Path) -> None:
    serving = up(app)
    get(serving, "/b/x")
    serving.stop()
    assert logs(app / ".spin" / "logs") == {"b_stdout.txt": "", "b_stderr.txt": ""}


def test_where_logs_go(up: Up, app: Path) -> None:
    (app / "rc.toml").write_text('log_dir = "configured"')
    configured = ["--runtime-config-file", "rc.toml"]
    for flags, where in (
        (["--log-dir", "told"], "told"),
        (["--state-dir", "state"], "state/logs"),
        (configured, "configured"),
        ([*configured, "-L", "told2"], "told2"),
    ):
        serving = up(app, *flags)
        get(serving, "/stdio")
        _, stderr = serving.stop()
        assert stderr.startswith(f'Logging component stdio to "{app}/{where}/"\n')
        assert logs(app / where) == A_LOGS


def test_environment_variables_from_the_command_line_win(up: Up, app: Path) -> None:
    serving = up(app, "-e", "NAME=told", "--env", "MORE=x=y")
    environment = dict(reflected(serving, "/x")["env"])
    assert environment == {"NAME": "told", "KEPT": "yes", "MORE": "x=y"}
    assert dict(reflected(serving, "/b/x")["env"]) == {"NAME": "told", "MORE": "x=y"}


def test_only_some_components(up: Up, app: Path) -> None:
    serving = up(app, "-c", "b")
    assert "  b: " in serving.announced
    assert "  a: " not in serving.announced
    assert get(serving, "/b/x")[0] == 200
    assert get(serving, "/x")[0] == 404


def test_a_bare_wasm_file_answers_every_path_and_keeps_no_state(up: Up, app: Path) -> None:
    (app / "spin.toml").unlink()
    serving = up(app, "-f", "reflect.wasm")
    assert f"  http-trigger1-component: {serving.base_url} (wildcard)" in serving.announced
    assert reflected(serving, "/any/path")["path_with_query"] == "/any/path"
    assert serving.stop() == (0, "")
    assert not (app / ".spin").exists()


def test_a_guest_that_traps_costs_its_request_and_no_more(up: Up, app: Path) -> None:
    serving = up(app, "-q")
    assert get(serving, "/trap")[0] == 500
    assert get(serving, "/x")[0] == 200
    code, stderr = serving.stop()
    assert code == 0
    assert "error: GET /trap: " in stderr
    assert "Traceback" not in stderr


def test_a_required_variable_without_a_value(up: Up, run: Run, app: Path) -> None:
    manifest = app / "spin.toml"
    manifest.write_text(manifest.read_text() + "[variables]\ntoken = { required = true }\n")
    shown = run("up", "--listen", "127.0.0.1:0", cwd=app)
    assert shown.returncode == 2
    assert "no value for required variable(s): `token`" in shown.stderr
    assert "SPIN_VARIABLE_TOKEN" in shown.stderr
    assert get(up(app, "--variable", "token=x"), "/x")[0] == 200
    assert get(up(app, env={"SPIN_VARIABLE_TOKEN": "x"}), "/x")[0] == 200


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"hello", "reflect.wasm"), (b"\0asm\r\0\1\0\xff", "reflect.wasm"), (None, "does not exist")],
)
def test_a_source_that_is_no_component_is_named(
    run: Run, app: Path, content: bytes | None, message: str
) -> None:
    (app / "reflect.wasm").unlink()
    if content is not None:
        (app / "reflect.wasm").write_bytes(content)
    shown = run("up", "--listen", "127.0.0.1:0", cwd=app)
    assert shown.returncode in (1, 2)
    assert shown.stdout == ""
    assert message in shown.stderr
    assert "Traceback" not in shown.stderr


def begun_echo(serving: Serving) -> socket.socket:
    """A connection on which half a request was echoed already."""
    host, _, port = serving.base_url.removeprefix("http://").rpartition(":")
    client = socket.create_connection((host, int(port)), timeout=60)
    client.sendall(b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nfirst")
    received = b""
    while b"first" not in received:
        received += client.recv(4096)
    return client


def received_until_closed(client: socket.socket) -> bytes:
    received = b""
    try:
        while data := client.recv(4096):
            received += data
    except ConnectionResetError:
        pass
    return received


def wait_refused(serving: Serving) -> None:
    """Wait until a host takes no more connections."""
    try:
        while True:
            get(serving, "/x")
    except OSError:
        return


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_lets_requests_under_way_finish(up: Up, app: Path, name: str) -> None:
    serving = up(app, "-q")
    with begun_echo(serving) as client:
        serving.process.send_signal(getattr(signal, name))
        wait_refused(serving)
        assert serving.process.poll() is None
        client.sendall(b"-last")
        assert b"-last" in received_until_closed(client)
    assert serving.wait() == (0, LOGGING)


def test_a_second_interrupt_stops_at_once(up: Up, app: Path) -> None:
    serving = up(app, "-q")
    with begun_echo(serving) as client:
        serving.process.send_signal(signal.SIGINT)
        wait_refused(serving)
        serving.process.send_signal(signal.SIGINT)
        assert b"-last" not in received_until_closed(client)
    assert serving.wait()[0] == 0


def test_stopping_a_host_waits_for_its_requests(up: Up, run: Run, app: Path) -> None:
    serving = up(app, "-q")
    with begun_echo(serving) as client:
        patient = run("stop", "--timeout", "0.5", cwd=app)
        assert patient.returncode == 3
        assert "has not stopped after 0.5 s" in patient.stderr
        client.sendall(b"-last")
        assert b"-last" in received_until_closed(client)
    assert serving.wait()[0] == 0


def test_stopping_a_host_a_second_time_cuts_requests_off(up: Up, run: Run, app: Path) -> None:
    serving = up(app, "-q")
    with begun_echo(serving):
        run("stop", "--timeout", "0.1", cwd=app)
        assert run("stop", cwd=app).returncode == 0
    assert serving.wait()[0] == 0


def test_keys_can_be_set_in_the_default_store(up: Up, app: Path) -> None:
    manifest = app / "spin.toml"
    granted = '[component.a]\nkey_value_stores = ["default"]'
    manifest.write_text(MANIFEST.replace("[component.a]", granted))
    serving = up(app, "--key-value", "a=1", "--key-value", "b=x=y")
    with closing(sqlite3.connect(app / ".spin" / "sqlite_key_value.db")) as database:
        rows = database.execute("SELECT store, key, value FROM spin_key_value ORDER BY key")
        assert rows.fetchall() == [("default", "a", b"1"), ("default", "b", b"x=y")]
    code, stderr = serving.stop()
    told = 'Storing default key-value data to ".spin/sqlite_key_value.db".\n'
    assert (code, stderr) == (0, LOGGING + told)

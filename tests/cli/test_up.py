import json
import signal
import socket
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest
from tests.cli.harness import Run, Up
from tests.cli.live import WRITE, lay_out

BLANK = b"\0asm\1\0\0\0"


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            return response.status, response.read()
    except HTTPError as error:
        return error.code, error.read()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_it_prints_the_routes_serves_them_and_ends_with_an_interrupt(
    up: Up, static_app: Path
) -> None:
    serving = up(static_app)
    url = serving.base_url
    assert serving.announced == (
        f"\nServing {url}\nAvailable Routes:\n  greeting: {url}/hi\n  rest: {url} (wildcard)\n"
    )
    assert get(f"{url}/hi") == (200, b"hello")
    assert get(f"{url}/else") == (410, b"gone")
    assert serving.stop() == (0, 'Logging component stdio to ".spin/logs/"\n')


def test_json_is_the_one_object_on_stdout(up: Up, static_app: Path) -> None:
    serving = up(static_app, "--format", "json")
    announced = json.loads(serving.announced)
    assert announced["base_url"] == serving.base_url
    assert announced["routes"][1] == {"id": "rest", "route": "/", "wildcard": True}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_every_way_to_stop_exits_0(up: Up, static_app: Path, name: str) -> None:
    code, _ = up(static_app).stop(getattr(signal, name))
    assert code == 0


@pytest.mark.parametrize(
    "args", [["-f", "app"], ["--from", "app/spin.toml"], ["--file", "app"], ["--from-file", "app"]]
)
def test_where_the_application_is(up: Up, static_app: Path, args: list[str]) -> None:
    serving = up(static_app.parent, *args)
    assert get(f"{serving.base_url}/hi") == (200, b"hello")
    assert serving.stop() == (0, 'Logging component stdio to "app/.spin/logs/"\n')


def test_a_manifest_above_is_found_and_named(up: Up, static_app: Path) -> None:
    below = static_app / "x" / "y"
    below.mkdir(parents=True)
    _, stderr = up(below).stop()
    assert "No 'spin.toml' in current directory. Using 'spin.toml' from grandparent" in stderr
    assert 'Logging component stdio to "../../.spin/logs/"' in stderr


def test_flags_have_variables(up: Up, static_app: Path) -> None:
    port = free_port()
    env = {"SPIN_HTTP_LISTEN_ADDR": f"127.0.0.1:{port}", "SPIN_LOG_DIR": "kept"}
    serving = up(static_app, env=env)
    assert serving.base_url == f"http://127.0.0.1:{port}"
    _, stderr = serving.stop()
    assert stderr == f'Logging component stdio to "{static_app}/kept/"\n'


def test_an_empty_state_directory_means_no_log_files(up: Up, static_app: Path) -> None:
    assert up(static_app, "--state-dir", "").stop() == (0, "")
    assert not (static_app / ".spin").exists()


def test_a_port_in_use_is_told_or_avoided(up: Up, run: Run, static_app: Path) -> None:
    address = up(static_app).base_url.removeprefix("http://")
    refused = run("up", "--listen", address, cwd=static_app)
    assert refused.returncode == 3
    assert refused.stderr.startswith(f"error: {address} is already in use\n")
    assert "--find-free-port" in refused.stderr
    host, _, port = address.rpartition(":")
    other = up(static_app, "--listen", address, "--find-free-port").base_url
    assert other.removeprefix(f"http://{host}:") in {str(int(port) + more) for more in range(1, 10)}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "Default file 'spin.toml' not found"),
        (["-f", "missing.toml"], "missing.toml"),
        (["-f", "empty"], "does not contain a file named 'spin.toml'"),
    ],
)
def test_no_application_is_one_message_and_exit_code_2(
    run: Run, tmp_path: Path, args: list[str], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / ".git").mkdir()
    shown = run("up", *args)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert message in shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_broken_manifest_is_shown_where_it_breaks(run: Run, static_app: Path) -> None:
    manifest = static_app / "spin.toml"
    manifest.write_text(manifest.read_text() + "\nnope = = 1\n")
    shown = run("up", cwd=static_app)
    assert shown.returncode == 2
    assert "--> spin.toml:" in shown.stderr
    assert "nope = = 1" in shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, 'error[not-wasm]: the source of component `hello`, "app.wasm", is empty'),
        (6, "component `hello`: unexpected end (at offset 0x6)"),
        (40, "component `hello`: the section says "),
    ],
)
def test_wasm_that_was_not_written_whole_is_named(
    run: Run, tmp_path: Path, length: int, said: str
) -> None:
    app = lay_out(tmp_path / "app", WRITE)
    wasm = (app / "hello.wasm").read_bytes()
    (app / "app.wasm").write_bytes(wasm[:length])
    done = run("up", "--listen", "127.0.0.1:0", cwd=app)
    assert (done.returncode != 0, done.stdout) == (True, "")
    assert said in done.stderr
    assert "app.wasm" in done.stderr
    assert "build" in done.stderr.partition("help: ")[2]
    assert "Traceback" not in done.stderr


def test_following_a_component_that_is_not_there(run: Run, static_app: Path) -> None:
    shown = run("up", "--follow", "ghost", cwd=static_app)
    assert shown.returncode == 2
    assert "`--follow` names no component of the application: `ghost`" in shown.stderr


def test_triggers_nobody_serves_are_named(run: Run, static_app: Path) -> None:
    manifest = static_app / "spin.toml"
    trigger = '[[trigger.sqs]]\nqueue_url = "https://a"\ncomponent = "a"\n'
    component = '[component.a]\nsource = "a.wasm"\n'
    manifest.write_text(manifest.read_text() + trigger + component)
    (static_app / "a.wasm").write_bytes(BLANK)
    shown = run("up", cwd=static_app)
    assert shown.returncode == 2
    assert "`sqs`" in shown.stderr
    assert "put it behind a Redis trigger" in shown.stderr


def test_building_first(up: Up, run: Run, static_app: Path) -> None:
    manifest = static_app / "spin.toml"
    component = '\n[component.made]\nsource = "made.wasm"\nbuild = { command = "%s" }\n'
    (static_app / "blank.wasm").write_bytes(BLANK)
    text = manifest.read_text()
    manifest.write_text(text + component % "cp blank.wasm made.wasm")
    serving = up(static_app, "--build")
    assert serving.announced.startswith(
        "Building component made with `cp blank.wasm made.wasm`\nBuilt component made in "
    )
    assert " s\nFinished building all Spin components\n\nServing " in serving.announced
    assert serving.stop()[0] == 0
    manifest.write_text(text + component % "exit 7")
    shown = run("up", cwd=static_app, env={"SPIN_ALWAYS_BUILD": "true"})
    assert shown.returncode == 1
    assert "Build command for component made failed with status Exited(7)" in shown.stderr

import json
import stat
from pathlib import Path

from tests.cli.harness import Run, Up


def test_ps_lists_the_hosts_that_run(run: Run, up: Up, static_app: Path) -> None:
    assert json.loads(run("ps", "--format", "json").stdout) == []
    serving = up(static_app)
    (host,) = json.loads(run("ps", "--format", "json").stdout)
    assert host["pid"] == serving.process.pid
    assert host["app"] == {"name": "static", "version": "1.2.3"}
    assert host["base_url"] == serving.base_url
    assert host["manifest"] == str(static_app / "spin.toml")
    assert host["responding"] is True
    heading, row = run("ps").stdout.splitlines()
    assert heading.split() == ["PID", "APP", "URL", "UPTIME", "MANIFEST"]
    assert row.split()[:3] == [str(serving.process.pid), "static", serving.base_url]


def test_stop_by_directory_path_and_pid(run: Run, up: Up, static_app: Path) -> None:
    for cwd, args in (
        (static_app, []),
        (static_app.parent, ["app"]),
        (static_app.parent, ["app/spin.toml"]),
    ):
        serving = up(static_app)
        stopped = run("stop", *args, cwd=cwd)
        assert stopped.returncode == 0, stopped.stderr
        assert serving.process.wait(timeout=60) == 0
    serving = up(static_app)
    assert run("stop", str(serving.process.pid)).returncode == 0
    assert serving.process.wait(timeout=60) == 0


def test_stop_all(run: Run, up: Up, static_app: Path) -> None:
    hosts = [up(static_app), up(static_app)]
    ambiguous = run("stop", cwd=static_app)
    assert ambiguous.returncode == 2
    assert "2 hosts serve `.`" in ambiguous.stderr
    assert run("stop", "--all").returncode == 0
    assert [host.process.wait(timeout=60) for host in hosts] == [0, 0]


def test_stopping_what_does_not_run(run: Run, static_app: Path) -> None:
    shown = run("stop", cwd=static_app)
    assert shown.returncode == 2
    assert "no host is running" in shown.stderr


def test_only_the_owner_can_read_a_run_file(
    up: Up, environment: dict[str, str], static_app: Path
) -> None:
    serving = up(static_app)
    directory = Path(environment["XDG_RUNTIME_DIR"]) / "spindle"
    run_file = directory / f"{serving.process.pid}.json"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(run_file.stat().st_mode) == 0o600
    record = json.loads(run_file.read_text())
    assert list(record) == ["pid", "version", "manifest", "base_url", "endpoint", "token"]
    serving.stop()
    assert list(directory.iterdir()) == []


def test_what_a_dead_host_left_behind_is_dropped(
    run: Run, up: Up, environment: dict[str, str], static_app: Path
) -> None:
    serving = up(static_app)
    directory = Path(environment["XDG_RUNTIME_DIR"]) / "spindle"
    (run_file,) = directory.glob("*.json")
    endpoint = json.loads(run_file.read_text())["endpoint"]
    serving.process.kill()
    serving.process.wait()
    left = {path.suffix for path in directory.iterdir()}
    assert left == ({".json", ".sock"} if endpoint.startswith("unix:") else {".json"})
    assert json.loads(run("ps", "--format", "json").stdout) == []
    assert list(directory.iterdir()) == []


def test_files_that_are_no_run_files_are_left_alone(run: Run, environment: dict[str, str]) -> None:
    directory = Path(environment["XDG_RUNTIME_DIR"]) / "spindle"
    directory.mkdir()
    for name, text in (("1.json", "{}"), ("2.json", "not json"), ("3.txt", "")):
        (directory / name).write_text(text)
    assert run("ps").returncode == 0
    assert len(list(directory.iterdir())) == 3


def test_without_a_place_for_run_files_it_serves_all_the_same(
    up: Up, tmp_path: Path, static_app: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "spindle").write_text("a file where a directory should be")
    serving = up(static_app, env={"XDG_RUNTIME_DIR": str(blocked)})
    code, stderr = serving.stop()
    assert code == 0
    assert "front ends can't find this host" in stderr


def test_a_host_whose_socket_path_would_be_too_long_listens_on_loopback(
    run: Run, up: Up, tmp_path: Path, static_app: Path
) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    env = {"XDG_RUNTIME_DIR": str(deep)}
    serving = up(static_app, env=env)
    (path,) = (deep / "spindle").iterdir()
    assert json.loads(path.read_text())["endpoint"].startswith("tcp:127.0.0.1:")
    assert run("stop", str(serving.process.pid), env=env).returncode == 0
    assert serving.process.wait(timeout=60) == 0
    assert list((deep / "spindle").iterdir()) == []

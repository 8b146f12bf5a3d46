"""`spindle up` and `spindle tui` as a person has them."""

import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.services.process import free_port
from tests.tui.tmux import PATIENCE, SPINDLE, Terminal, terminal

from spindle.client import RunFile, find_host, live_hosts

MANIFEST = """
spin_manifest_version = 2
[application]
name = "teahouse"
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
source = "{source}"
"""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Where run files are."""
    directory = tmp_path / "run"
    directory.mkdir()
    return directory / "spindle"


@pytest.fixture
def shell(tmp_path: Path, runs: Path, guest: Callable[[str], Path]) -> Iterator[Terminal]:
    """A terminal in an application's directory."""
    (tmp_path / "spin.toml").write_text(MANIFEST.format(source=guest("wat/hello")))
    environment = {"XDG_RUNTIME_DIR": str(runs.parent), "CI": "", "SPINDLE_TUI": ""}
    with terminal(tmp_path, environment) as made:
        yield made


@pytest.fixture
def url() -> str:
    return f"http://127.0.0.1:{free_port()}"


def up(shell: Terminal, url: str, *more: str) -> None:
    shell.run(SPINDLE, "up", "--listen", url.removeprefix("http://"), *more)


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        status: int = answer.status
        return status


def interface_of(host: RunFile) -> int:
    """The process id of the interface that a host began."""
    children = Path(f"/proc/{host.pid}/task/{host.pid}/children").read_text().split()
    return next(int(pid) for pid in children if b"spindle_tui" in _command_line(pid))


def _command_line(pid: str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def wait_gone(runs: Path) -> None:
    until = time.monotonic() + PATIENCE
    while list(live_hosts(runs)):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_session(shell: Terminal, url: str) -> None:
    up(shell, url)
    shell.wait_for("Nothing has happened yet")
    shell.wait_for("● live")
    assert get(f"{url}/green?leaf=1") == 200
    shell.wait_for("/green?leaf=1")
    shell.press("Enter")
    shell.wait_for("Response body")
    shell.press("Escape")
    shell.wait_for("following")
    shell.press("q")
    printed = shell.wait_for("Available Routes:")
    assert f"Serving {url}" in printed
    assert shell.says("alternate_on") == "0"
    assert get(url) == 200
    shell.press("C-c")
    shell.run("expr", "1234", "+", "1")
    shell.wait_for("1235")


def test_a_window_that_is_resized(shell: Terminal, url: str) -> None:
    path = "/a/path/that/is/longer/than/a/narrow/window/has/room/for/in/its/table"
    up(shell, url)
    shell.wait_for("● live")
    for number, (width, height) in enumerate([(120, 40), (20, 6), (4, 2), (200, 50), (80, 24)]):
        shell.resize(width, height)
        assert get(f"{url}/{number}") == 200
    shell.wait_for("/4")
    shell.resize(160, 30)
    assert get(f"{url}{path}") == 200
    shown = shell.wait_for(path)
    assert "● live" in shown
    assert len(shown.splitlines()) == 30
    shell.press("q")
    shell.wait_for("Available Routes:")


def test_ctrl_c_asks_and_once_more_stops(shell: Terminal, runs: Path, url: str) -> None:
    up(shell, url)
    shell.wait_for("● live")
    shell.press("C-c")
    shell.wait_for("Stop the host?")
    shell.press("C-c")
    wait_gone(runs)
    shell.wait_for("Available Routes:")
    shell.run("expr", "1234", "+", "1")
    shell.wait_for("1235")


def test_an_interface_that_dies_leaves_a_terminal_and_a_host(
    shell: Terminal, runs: Path, url: str, tmp_path: Path
) -> None:
    up(shell, url)
    shell.wait_for("● live")
    os.kill(interface_of(find_host(tmp_path, runs)), signal.SIGKILL)
    shell.wait_for("Available Routes:")
    assert shell.says("alternate_on") == "0"
    assert shell.says("mouse_any_flag") == "0"
    assert get(url) == 200
    shell.press("C-c")
    shell.run("stty", "-a")
    shell.wait_for(" icanon")
    shell.wait_for(" echo ")


def test_what_is_wrong_is_said_on_the_terminal(shell: Terminal, tmp_path: Path, url: str) -> None:
    manifest = tmp_path / "spin.toml"
    manifest.write_text(manifest.read_text().replace('component = "hello"', 'component = "helo"'))
    up(shell, url)
    printed = shell.wait_for("did you mean `hello`?")
    assert "error" in printed
    assert shell.says("alternate_on") == "0"


def test_a_window_that_is_closed_ends_all(shell: Terminal, runs: Path, url: str) -> None:
    up(shell, url)
    shell.wait_for("● live")
    shell.end()
    wait_gone(runs)


@pytest.mark.parametrize(
    ("prefix", "option"), [((), "--no-tui"), (("env", "TERM=dumb"), "-e=A=1"), ((), "--quiet")]
)
def test_plain_lines(shell: Terminal, url: str, prefix: tuple[str, ...], option: str) -> None:
    shell.run(*prefix, SPINDLE, "up", "--listen", url.removeprefix("http://"), option)
    shell.wait_for("Available Routes:")
    assert shell.says("alternate_on") == "0"


def test_from_another_terminal(shell: Terminal, runs: Path, url: str, tmp_path: Path) -> None:
    up(shell, url, "--no-tui")
    shell.wait_for("Available Routes:")
    (tmp_path / "other").mkdir()
    environment = {"XDG_RUNTIME_DIR": str(runs.parent)}
    with terminal(tmp_path / "other", environment) as other:
        other.run(SPINDLE, "tui", tmp_path)
        other.wait_for("● live")
        get(f"{url}/seen/from/there")
        other.wait_for("/seen/from/there")
        shell.press("C-c")
        other.wait_for("no host: waiting for the next")
        up(shell, url, "--no-tui")
        other.wait_for("● live")
        other.press("q")
        other.wait_left()
        other.run("expr", "1234", "+", "1")
        other.wait_for("1235")


def test_without_a_terminal_it_says_so(shell: Terminal) -> None:
    shell.run("sh", "-c", f"{SPINDLE} tui 2>&1 | cat")
    shell.wait_for("needs a terminal")

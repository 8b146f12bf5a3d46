"""The ways of `spindle watch`: profiles, storms of files, builds left to others, terminals."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cli.conftest import COMMAND
from tests.cli.harness import Run, Up, wait_served
from tests.cli.live import PATIENCE, WRITE, Live, lay_out, running, wait_until

MAKE = (
    """\
import sys
text = open("text.txt").read() + "".join(f" {word}" for word in sys.argv[1:])
with open("builds.log", "a") as log:
    print(text, file=log)
"""
    + WRITE
)
PROFILE = """
[component.hello.profile.loud]
source = "loud.wasm"
[component.hello.profile.loud.build]
command = "{python} make.py loud && cp app.wasm loud.wasm"
"""
GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "app", MAKE)


@pytest.fixture
def live(root: Path, up: Up) -> Iterator[Live]:
    yield from serving(root, up)


def serving(root: Path, up: Up, *args: str) -> Iterator[Live]:
    live = Live(root, up(root, "--build", "--watch", *args))
    yield live
    code, stderr = live.serving.stop()
    assert code == 0, stderr
    assert "Traceback" not in stderr


def builds(root: Path) -> list[str]:
    return (root / "builds.log").read_text().splitlines()


def test_a_profile_is_built_and_served(root: Path, up: Up) -> None:
    manifest = root / "spin.toml"
    manifest.write_text(manifest.read_text() + PROFILE.format(python=sys.executable))
    for live in serving(root, up, "--profile", "loud"):
        live.wait_for((200, "one loud", None))
        live.save("two")
        live.wait_for((200, "two loud", None))


def test_what_only_a_start_reads_is_told_of(root: Path, up: Up) -> None:
    (root / ".env").write_text("A=1\n")
    live = Live(root, up(root, "--build", "--watch"))
    live.wait_for((200, "one", None))
    (root / ".env").write_text("A=2\n")
    live.save("two")
    live.wait_for((200, "two", None))
    live.wait_said("`.env` changed; it is read when the host starts")
    assert live.serving.stop()[0] == 0


def test_a_checkout_of_many_files_is_one_change(root: Path, up: Up) -> None:
    manifest = root / "spin.toml"
    manifest.write_text(manifest.read_text().replace('"text.txt"', '"text.txt", "src/**/*.txt"'))
    source = root / "src"
    source.mkdir()
    (root / ".gitignore").write_text("*.wasm\n*.log\n.spin\n")
    for branch in ("first", "second"):
        for number in range(400):
            (source / f"{number}.txt").write_text(f"{branch} {number}")
        (root / "text.txt").write_text(branch)
        for command in (["init", "-q"], ["checkout", "-qb", branch], ["add", "."]):
            subprocess.run([*GIT, *command], cwd=root, check=True)
        subprocess.run([*GIT, "commit", "-qm", branch], cwd=root, check=True)
    for live in serving(root, up):
        live.wait_for((200, "second", None))
        subprocess.run([*GIT, "checkout", "-q", "first"], cwd=root, check=True)
        live.wait_for((200, "first", None))
        live.save("third")
        live.wait_for((200, "third", None))
        # A checkout that takes long may be seen in parts, but never as many files.
        assert len(builds(root)) <= 3 + 3, builds(root)


def test_what_is_installed_is_no_change(live: Live, root: Path) -> None:
    live.wait_for((200, "one", None))
    modules = root / "node_modules"
    for number in range(300):
        (modules / f"package{number}" / "lib").mkdir(parents=True)
        (modules / f"package{number}" / "lib" / "text.txt").write_text("x")
    shutil.rmtree(modules)
    live.save("two")
    live.wait_for((200, "two", None))
    assert builds(root) == ["one", "two"]


def test_a_renamed_folder_is_served_where_it_was(live: Live, root: Path) -> None:
    live.wait_for((200, "one", None))
    root.rename(root.with_name("renamed"))
    assert live.get() == (200, "one", None)
    live.root = root.with_name("renamed")
    live.save("two")
    assert live.get() == (200, "one", None)
    live.root.rename(root)
    live.root = root
    live.save("three")
    live.wait_for((200, "three", None))


def test_builds_can_be_left_to_others(root: Path, run: Run, environment: dict[str, str]) -> None:
    assert run("build", cwd=root).returncode == 0
    with running(root, environment, "watch", "--skip-build", "-q") as process:
        live = Live(root, wait_served(process))
        live.wait_for((200, "one", None))
        live.save("two")
        assert run("build", cwd=root).returncode == 0
        live.wait_for((200, "two", None))
        assert builds(root) == ["one", "two"]
        assert live.serving.stop()[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such terminals")
def test_on_a_terminal(root: Path, environment: dict[str, str]) -> None:
    """The screen is cleared before a build, and Ctrl-C ends it, a build included."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "watch", "--clear", "--listen", "127.0.0.1:0"],
        cwd=root,
        env={**environment, "SPINDLE_TUI": "0"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=_own_terminal,
    )
    os.close(theirs)
    shown = bytearray()
    reader = threading.Thread(target=_read, args=(ours, shown))
    reader.start()
    try:
        wait_until(lambda: b"Serving http" in shown)
        (root / "text.txt").write_text("two")
        wait_until(lambda: shown.count(b"\x1b[2J") == 1 and b"anew" in shown)
        os.write(ours, b"\x03")
        assert process.wait(PATIENCE) == 0, bytes(shown)
    finally:
        process.kill()
        reader.join()
        os.close(ours)
    assert b"Traceback" not in shown


def _own_terminal() -> None:
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(terminal: int, shown: bytearray) -> None:
    with suppress(OSError):  # how Linux tells the end
        while part := os.read(terminal, 4096):
            shown += part

"""`spindle watch` beside builds, disks and people that go wrong."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from tests.cli.conftest import COMMAND
from tests.cli.harness import Up
from tests.cli.live import PATIENCE, WRITE, Live, lay_out, wait_until
from tests.processes import wait_until_ended

MAKE = (
    """\
import os, signal, sys, time
text = open("text.txt").read()
word = text.split()[0]
if word == "floods":
    for _ in range(20000):
        print("x" * 1000)
    sys.exit("\x1b[31mtext.txt:1:1: error: too much \x1b[2J\x1b]0;title\x07\x07")
if word == "dies":
    os.kill(os.getpid(), signal.SIGKILL)
if word == "kills":
    os.killpg(0, signal.SIGKILL)
if word == "removes":
    os.remove("app.wasm")
    sys.exit()
if word == "halves":
    os.truncate("app.wasm", 100)
    sys.exit(1)
if word == "hangs":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open("hanging", "w").write(str(os.getpid()))
    time.sleep(600)
if word == "outside":
    open("../outside.txt", "w").write(text)
"""
    + WRITE
)

WRONG = {
    "floods": "failed with status Exited(1)",
    "dies": "failed with status Exited(137)",
    "kills": "failed with status Signaled(9)",
    "removes": "ended well, but there is no",
    "halves": "failed with status Exited(1)",
}
"""What a build does, and what is said of it."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "app", MAKE)


@pytest.fixture
def watched(root: Path, up: Up) -> Iterator[Callable[..., Live]]:
    """Call it for a host that watches the application; each ends well."""
    living: list[Live] = []

    def start() -> Live:
        live = Live(root, up(root, "--build", "--watch"))
        living.append(live)
        live.wait_for((200, "one", None))
        return live

    yield start
    for live in living:
        code, stderr = live.serving.stop()
        assert code == 0, stderr
        own = [line for line in stderr.splitlines() if not line.startswith("hello | ")]
        assert "Traceback" not in "\n".join(own)


def test_a_build_that_goes_wrong_is_told_of_and_recovered_from(root: Path, up: Up) -> None:
    live = Live(root, up(root, "--build", "--watch"))
    live.wait_for((200, "one", None))
    for number, word in enumerate(WRONG):
        live.save(word)
        before = "one" if number == 0 else f"well {number - 1}"
        live.wait_for((200, before, "stale"))
        live.save(f"well {number}")
        live.wait_for((200, f"well {number}", None))
    live.save("outside")
    live.wait_for((200, "outside", None))
    assert (root.parent / "outside.txt").read_text() == "outside"
    code, stderr = live.serving.stop()
    assert code == 0
    assert "\x1b" not in stderr, "a build does nothing to the terminal"
    said = [line for line in stderr.splitlines() if "what was built before" in line]
    assert all(text in line for text, line in zip(WRONG.values(), said, strict=True)), said


def test_a_host_ends_although_a_build_hangs(watched: Callable[..., Live]) -> None:
    live = watched()
    live.save("hangs")
    hanging = live.root / "hanging"
    wait_until(lambda: hanging.exists() and hanging.read_text() != "")
    live.serving.process.send_signal(signal.SIGINT)
    live.serving.process.wait(timeout=PATIENCE)
    wait_until_ended(int(hanging.read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_first_build_that_hangs_ends_with_its_command(
    root: Path, environment: Mapping[str, str], number: int
) -> None:
    (root / "text.txt").write_text("hangs")
    command = [*COMMAND, "build"]
    process = subprocess.Popen(command, cwd=root, env=environment, stderr=subprocess.PIPE)
    hanging = root / "hanging"
    wait_until(lambda: hanging.exists() and hanging.read_text() != "")
    process.send_signal(number)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    assert b"Traceback" not in stderr
    wait_until_ended(int(hanging.read_text()))


def test_two_watchers_take_turns(watched: Callable[..., Live]) -> None:
    both = [watched(), watched()]
    for number in range(5):
        both[0].save(f"number {number}")
        for live in both:
            live.wait_for((200, f"number {number}", None))


@pytest.mark.parametrize("back", ["the same", "a copy", "a copy of what was removed"])
def test_an_application_that_is_away_for_a_while_goes_on(
    watched: Callable[..., Live], root: Path, back: str
) -> None:
    live = watched()
    away = root.with_name("away")
    if back == "a copy of what was removed":
        shutil.copytree(root, away)
        shutil.rmtree(root)
    else:
        root.rename(away)
    assert live.get()[:2] == (200, "one")
    if back == "the same":
        away.rename(root)
    else:
        shutil.copytree(away, root)
    live.save("two")
    live.wait_for((200, "two", None))
    live.save("three")
    live.wait_for((200, "three", None))


@pytest.mark.skipif(sys.platform != "linux", reason="only there another process has limits")
def test_a_full_disk_keeps_nothing_from_being_served(watched: Callable[..., Live]) -> None:
    """Nothing may be written but what is short, from the build's files to the records of builds."""
    import resource

    live = watched()
    pid = live.serving.process.pid
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (64, most))
    live.save("two")
    live.wait_for((200, "one", "stale"))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
    live.save("three")
    live.wait_for((200, "three", None))

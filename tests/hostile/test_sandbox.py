"""What a guest reaches of the machine: its mounts, and nothing else by any way.

The guest is a command (`files.wat`) that tries what it is told, on a host of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spindle.component.core import wat_to_wasm

Host = Any
Up = Callable[..., Host]

GUEST = Path(__file__).with_name("files.wat")
SECRET = "a secret beside the application"
PERM, NOENT, LOOP, BADF, ACCES, ISDIR = 63, 44, 32, 8, 2, 31
REFUSED = {PERM, NOENT, LOOP, ACCES, BADF, 28, 54, 58, 69, 75}
"""Error numbers that mean no."""

ESCAPES = [
    "../secret.txt",
    "/etc/passwd",
    "/../secret.txt",
    "css/../../secret.txt",
    "./.././secret.txt",
    "..",
    "css/../../../../../../../../etc/passwd",
    "up",
    "out",
    "outdir/secret.txt",
    "outdir/../secret.txt",
    "inside-out/secret.txt",
    "round",
    "pipe",
    "proc/self/environ",
    "proc/environ",
    "null",
    "/dev/null",
    "/proc/self/environ",
    "%2e%2e/secret.txt",
    "..%2fsecret.txt",
    "..\\secret.txt",
]


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mounted directory with links in all directions and special files, a secret beside it."""
    outside = tmp_path_factory.mktemp("sandbox")
    (outside / "secret.txt").write_text(SECRET)
    app = outside / "app"
    site = app / "site"
    (site / "css").mkdir(parents=True)
    (site / "index.html").write_text("index")
    (site / "inside").symlink_to("css/../index.html")
    (site / "up").symlink_to("../../secret.txt")
    (site / "out").symlink_to(outside / "secret.txt")
    (site / "outdir").symlink_to(outside)
    (site / "inside-out").symlink_to("css/../../..")
    (site / "round").symlink_to("round")
    (site / "null").symlink_to("/dev/null")
    (site / "proc").symlink_to("/proc/self")
    os.mkfifo(site / "pipe")
    (app / "files.wasm").write_bytes(wat_to_wasm(GUEST.read_text()))
    (app / "spin.toml").write_text(
        """spin_manifest_version = 2
[application]
name = "sandbox"
[[trigger.http]]
route = "/files"
component = "files"
executor = { type = "wagi" }
[component.files]
source = "files.wasm"
files = [{ source = "site", destination = "/" }]
[[trigger.http]]
route = "/bare"
component = "bare"
executor = { type = "wagi" }
[component.bare]
source = "files.wasm"
"""
    )
    return app


@pytest.fixture(scope="module")
def host(application: Path, up: Up) -> Host:
    return up(application)


@pytest.fixture(scope="module")
def temp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("copies")


@pytest.fixture(scope="module")
def writing(application: Path, temp: Path, up: Up) -> Host:
    return up(application, "--allow-transient-write", "--temp", str(temp))


def ask(host: Host, *words: str, at: str = "files") -> tuple[int, str]:
    """The error number and what was read."""
    answer = host.get(f"/{at}?{'&'.join(words)}")
    assert answer.status == 200, host.output()
    number, _, text = answer.text.partition(" ")
    return int(number), text


def test_what_is_mounted_is_read(host: Host) -> None:
    assert ask(host, "r", "index.html") == (0, "index")
    assert ask(host, "r", "inside") == (0, "index")


@pytest.mark.parametrize("path", ESCAPES)
def test_no_path_leads_out(host: Host, path: str) -> None:
    number, text = ask(host, "r", path)
    assert (number in REFUSED, text) == (True, "")
    assert ask(host, "r", "index.html") == (0, "index")


@pytest.mark.parametrize(
    "words", [("w", "new"), ("w", "index.html"), ("s", "x", "y"), ("l", "index.html", "y")]
)
def test_mounts_are_read_only(host: Host, application: Path, words: tuple[str, ...]) -> None:
    before = sorted((application / "site").iterdir())
    assert ask(host, *words)[0] in REFUSED
    assert sorted((application / "site").iterdir()) == before
    assert (application / "site" / "index.html").read_text() == "index"


def test_without_mounts_there_are_no_directories(host: Host) -> None:
    assert ask(host, "r", "index.html", at="bare")[0] == BADF


@pytest.mark.parametrize("descriptor", "3456789")
def test_descriptors_of_the_host_are_not_the_guests(host: Host, descriptor: str) -> None:
    assert ask(host, "d", descriptor)[0] in REFUSED | {ISDIR}


def test_standard_input_is_the_request_alone(host: Host) -> None:
    assert ask(host, "i") == (0, "")


@pytest.mark.parametrize("path", ESCAPES)
def test_no_path_leads_out_of_the_copies(writing: Host, application: Path, path: str) -> None:
    number, text = ask(writing, "r", path)
    assert (number in REFUSED, text) == (True, "")
    ask(writing, "w", path)  # which may make a file of an odd name
    assert (application.parent / "secret.txt").read_text() == SECRET
    assert ask(writing, "r", "index.html") == (0, "index")


def test_what_was_written_is_a_copy(writing: Host, application: Path) -> None:
    assert ask(writing, "w", "new")[0] == 0
    assert ask(writing, "r", "new") == (0, "content")
    assert not (application / "site" / "new").exists()
    assert (application.parent / "secret.txt").read_text() == SECRET


@pytest.mark.parametrize("target", ["../../secret.txt", "/etc/passwd", "..", "/", "/proc/self"])
def test_no_link_that_was_made_leads_out(writing: Host, target: str) -> None:
    name = "made" + target.replace("/", "-")
    ask(writing, "s", target, name)
    for path in (name, f"{name}/secret.txt", f"{name}/environ", f"css/../{name}"):
        number, text = ask(writing, "r", path)
        assert (number in REFUSED, text) == (True, "")


@pytest.mark.parametrize("verb", ["l", "m"])
@pytest.mark.parametrize("old", ["../secret.txt", "/etc/passwd", "outdir/secret.txt"])
def test_nothing_is_brought_in(writing: Host, verb: str, old: str, application: Path) -> None:
    assert ask(writing, verb, old, "brought")[0] in REFUSED
    assert ask(writing, verb, "index.html", "../gone")[0] in REFUSED
    assert (application.parent / "secret.txt").read_text() == SECRET


def test_a_hard_link_to_a_link_leads_nowhere_either(writing: Host) -> None:
    ask(writing, "l", "out", "hard")
    number, text = ask(writing, "r", "hard")
    assert (number in REFUSED, text) == (True, "")


def test_copies_are_gone_with_their_host(application: Path, tmp_path: Path, up: Up) -> None:
    host = up(application, "--allow-transient-write", "--temp", str(tmp_path))
    assert ask(host, "w", "new")[0] == 0
    assert list(tmp_path.iterdir())
    host.process.terminate()
    host.process.wait(60)
    assert not list(tmp_path.iterdir())

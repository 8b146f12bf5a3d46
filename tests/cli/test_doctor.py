"""`spindle doctor` as a person and as a script sees it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cli.conftest import COMMAND
from tests.cli.harness import Run

VERSION_1 = """spin_version = "1"
name = "x"
trigger = { type = "http" }
# mine
[[component]]
id = "c"
source = "c.wasm"
[component.trigger]
route = "/..."
[component.build]
command = "printf '\\\\000asm\\\\001\\\\000\\\\000\\\\000' > c.wasm"
"""
FREE = ("--listen", "127.0.0.1:0")


def test_a_machine_without_an_application(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    result = run("doctor", *FREE, "--format", "json")
    assert result.returncode == 0
    shown = json.loads(result.stdout)
    by_check = {finding["check"]: finding for finding in shown["findings"]}
    assert by_check["manifest-not-found"]["state"] == "note"
    assert by_check["engine"]["state"] == "ok"
    assert shown["applied"] == []


def test_everything_is_mended(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(VERSION_1)
    result = run("doctor", *FREE)
    assert result.returncode == 2
    assert "These would help" in result.stdout
    assert (tmp_path / "spin.toml").read_text() == VERSION_1
    (tmp_path / "spin.toml.v1_backup").write_text("older")
    result = run("doctor", *FREE, "--yes", "--format", "json")
    assert result.returncode in (0, 2)
    assert (tmp_path / "spin.toml.v1_backup.2").read_text() == VERSION_1
    assert (tmp_path / "spin.toml.v1_backup").read_text() == "older"
    assert (tmp_path / "spin.toml").read_text().startswith("spin_manifest_version = 2\n")
    assert "# mine" in (tmp_path / "spin.toml").read_text()
    assert (tmp_path / "c.wasm").read_bytes() == b"\0asm\x01\0\0\0"
    applied = json.loads(result.stdout)["applied"]
    assert [entry["problem"] for entry in applied] == [None, None]
    codes = {finding["check"] for finding in json.loads(result.stdout)["findings"]}
    assert codes.isdisjoint({"missing-source", "manifest-version-1"})


def test_mending_that_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(VERSION_1.replace("printf", "false #"))
    result = run("doctor", *FREE, "--yes")
    assert result.returncode == 1
    assert "Build command for component c failed" in result.stderr


def test_a_port_in_use(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = run("doctor", "--listen", f"127.0.0.1:{port}")
    assert result.returncode == 3
    assert f"127.0.0.1:{port} is already in use by process" in result.stdout


def test_an_application_that_is_not_there(run: Run) -> None:
    result = run("doctor", "-f", "nowhere")
    assert (result.returncode, result.stdout) == (2, "")
    assert "nowhere" in result.stderr


@pytest.mark.parametrize(("answer", "mended"), [("y", True), ("n", False), ("\x04", False)])
def test_it_asks_on_a_terminal(
    tmp_path: Path, environment: dict[str, str], answer: str, mended: bool
) -> None:
    (tmp_path / "spin.toml").write_text(VERSION_1)
    (tmp_path / "c.wasm").write_bytes(b"\0asm\x01\0\0\0")
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [*COMMAND, "doctor", *FREE],
        cwd=tmp_path,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    said = b""
    with suppress(OSError):  # how a terminal that was hung up ends
        while part := os.read(ours, 4096):
            said += part
    os.close(ours)
    assert process.wait() == (130 if answer == "\x04" else 0)
    assert b"Apply the safe fixes to `spin.toml`? (spindle check --fix" in said
    assert (b"After that" in said) is mended
    assert ((tmp_path / "spin.toml").read_text() != VERSION_1) is mended

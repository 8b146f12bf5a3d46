"""`spindle check --fix`: what may be fixed unseen is, and nothing else in the files changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.harness import Run

BROKEN = """spin_manifest_version = "2"  # mine
application = { nam = "x" }
trigger = { http = [{ rout = "/gone", static_response = { status_code = 410 } }] }
"""
FIXED = BROKEN.replace('"2"', "2").replace("nam =", "name =").replace("rout =", "route =")


def _bytes(text: str, shape: str) -> bytes:
    """A text in one of the shapes files have."""
    data = text.replace("\n", "\r\n").encode() if "crlf" in shape else text.encode()
    return b"\xef\xbb\xbf" + data if "bom" in shape else data


@pytest.mark.parametrize("shape", ["plain", "crlf", "bom", "bom crlf"])
def test_what_is_safe_is_fixed_byte_for_byte(run: Run, tmp_path: Path, shape: str) -> None:
    (tmp_path / "spin.toml").write_bytes(_bytes(BROKEN, shape))
    result = run("check", "--fix")
    assert (tmp_path / "spin.toml").read_bytes() == _bytes(FIXED, shape)
    assert (result.returncode, result.stdout) == (0, "spin.toml: no problems\n")
    assert result.stderr.count("fixed ") == 3
    assert "fixed unknown-field at spin.toml:2: unknown field `nam`" in result.stderr


def test_several_turns_are_taken(run: Run, tmp_path: Path) -> None:
    # Until the version is right, nothing else is looked at.
    (tmp_path / "spin.toml").write_bytes(_bytes(BROKEN.partition("\n")[2], "bom crlf"))
    run("check", "--fix")
    head, _, rest = (tmp_path / "spin.toml").read_bytes().partition(b"\r\n\r\n")
    assert head == b"\xef\xbb\xbfspin_manifest_version = 2"
    assert rest == _bytes(FIXED.partition("\n")[2], "crlf")


def test_what_cannot_be_fixed_is_left_and_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(BROKEN + "[application.zzzz]\n[variables.a]\ndefault = 1\n")
    result = run("check", "--fix", "--format", "json")
    assert result.returncode == 2
    left = json.loads(result.stdout)
    assert left
    assert all(problem["fix"] is None or not problem["fix"]["safe"] for problem in left)


def test_a_diff_changes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(BROKEN)
    result = run("check", "--diff")
    assert (tmp_path / "spin.toml").read_text() == BROKEN
    assert result.returncode == 0
    assert result.stdout.startswith("--- a/spin.toml\n+++ b/spin.toml\n@@ ")
    assert "\n+spin_manifest_version = 2  # mine\n" in result.stdout
    assert "would fix manifest-version at spin.toml:1" in result.stderr


def test_links_and_modes_stay(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "manifest.toml"
    real.write_text(BROKEN)
    real.chmod(0o640)
    (tmp_path / "spin.toml").symlink_to(real)
    assert run("check", "--fix").returncode == 0
    assert (tmp_path / "spin.toml").is_symlink()
    assert real.read_text() == FIXED
    assert real.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in real.parent.iterdir()] == ["manifest.toml"]


def test_the_runtime_configuration_is_fixed_as_well(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(FIXED)
    (tmp_path / "rc.toml").write_text("sqlite_databse = {}\n")
    result = run("check", "--fix", "--runtime-config-file", "rc.toml")
    assert result.returncode == 0
    assert (tmp_path / "rc.toml").read_text() == "sqlite_database = {}\n"


@pytest.mark.parametrize(
    "args", [("--unsafe-fixes",), ("--diff", "--fix"), ("--diff", "--format", "json")]
)
def test_what_does_not_go_together(run: Run, args: tuple[str, ...]) -> None:
    assert run("check", *args).returncode == 2

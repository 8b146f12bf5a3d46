from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from spindle_kernel.installing import uninstall
from spindle_kernel.verb import command


def test_install_and_uninstall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(command, ["install", "--prefix", str(tmp_path)])
    assert done.exit_code == 0
    where = tmp_path / "share" / "jupyter" / "kernels" / "spindle"
    assert done.output == f"Installed the kernel in {where}\n"
    assert {file.name for file in where.iterdir()} == {
        "kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg",
    }  # fmt: skip
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    assert uninstall() == where
    assert not where.exists()


def test_one_place_at_a_time() -> None:
    done = CliRunner().invoke(command, ["install", "--user", "--sys-prefix"])
    assert done.exit_code == 2
    assert "give one of" in done.output

"""Templates come with what is installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from spindle.templates.shelves import OWN

ROOT = Path(__file__).parents[2]


def test_the_wheel_has_all_of_their_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    files = {path.relative_to(OWN.parents[1]) for path in OWN.rglob("*") if path.is_file()}
    assert len(files) > 50
    assert {f"spindle/{path.as_posix()}" for path in files} <= names

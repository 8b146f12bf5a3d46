import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples" / "with_tools.py"


def with_tools(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(directory / "cache")}
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


def test_runs_a_command_among_tools_made_once(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("")
    code = "import sys; print(sys.prefix); sys.exit(7)"
    first, second = (
        with_tools(tmp_path, "requirements.txt", "python", "-c", code) for _ in range(2)
    )
    assert (first.returncode, second.returncode) == (7, 7)
    assert first.stdout.startswith(str(tmp_path / "cache" / "spindle" / "tools"))
    assert second.stdout == first.stdout
    assert first.stderr.startswith("setting up")
    assert second.stderr == ""


def test_says_how_it_is_used(tmp_path: Path) -> None:
    done = with_tools(tmp_path)
    assert done.returncode == 2
    assert done.stderr == "usage: with_tools.py REQUIREMENTS COMMAND [ARGUMENT...]\n"


def test_names_a_missing_requirements_file(tmp_path: Path) -> None:
    done = with_tools(tmp_path, "nowhere.txt", "python")
    assert (done.returncode, done.stderr) == (1, "error: `nowhere.txt` not found\n")

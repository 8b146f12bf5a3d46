"""Run a command with the pinned Python tools an example is built by.

    python3 ../with_tools.py requirements.txt COMMAND [ARGUMENT...]

The tools live in a virtual environment of their own, one for each content of the
requirements file, under the user's cache; the first run makes it, later runs reuse it.
"""

import hashlib
import os
import sqlite3
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


def tools(requirements: Path) -> Path:
    """The virtual environment holding exactly `requirements`, made when missing."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(version.encode() + requirements.read_bytes()).hexdigest()[:12]
    home = _cache() / "tools" / digest
    with _locked(home.with_suffix(".lock")):
        if not (home / "complete").exists():
            _install(home, requirements)
    return home


def environment(home: Path) -> dict[str, str]:
    """The caller's environment with the tools in `home` found first, as if activated."""
    path = os.pathsep.join([str(_scripts(home)), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "VIRTUAL_ENV": str(home), "PATH": path}


def _install(home: Path, requirements: Path) -> None:
    _tell(f"setting up {' '.join(requirements.read_text().split())} in {home}")
    venv.create(home, with_pip=True, clear=True)
    pip = [str(_scripts(home) / "python"), "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "-r", str(requirements)], check=True)
    (home / "complete").touch()


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "spindle"


def _scripts(home: Path) -> Path:
    return home / ("Scripts" if os.name == "nt" else "bin")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock `path`; the operating system frees it should this process die."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=600, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


def main(arguments: list[str]) -> int:
    """Set up the tools, then run the command among them; its exit status is ours."""
    if len(arguments) < 2:
        _tell("usage: with_tools.py REQUIREMENTS COMMAND [ARGUMENT...]")
        return 2
    try:
        home = tools(Path(arguments[0]))
        return subprocess.run(arguments[1:], env=environment(home), check=False).returncode
    except FileNotFoundError as error:
        _tell(f"error: `{error.filename}` not found")
    except subprocess.CalledProcessError:
        _tell("error: the tools could not be installed (see above)")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

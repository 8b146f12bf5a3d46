"""Servers for tests: found on the PATH, or installed from Debian's packages where that is allowed.

Where neither works a test that needs one is left out and named, unless `SPINDLE_ALL_SERVICES` is
set: then it fails.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

DEMANDED = "SPINDLE_ALL_SERVICES"


@cache
def program(name: str, package: str, place: str = "") -> str:
    """The path of a server's program, of a Debian package.

    `place` is a pattern, from the root, of directories off the PATH where the package puts it.
    """
    found = _found(name, place) or _installed(name, package, place)
    if found is None:
        message = f"no `{name}` on the PATH (Debian's package `{package}`)"
        if os.environ.get(DEMANDED):
            pytest.fail(message)
        pytest.skip(message)
    return found


def _found(name: str, place: str) -> str | None:
    places = [str(path) for path in sorted(Path("/").glob(place))] if place else []
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(reversed(places)))


def _installed(name: str, package: str, place: str) -> str | None:
    """Install a package as root, starting no service; one test process at a time."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return None
    with (Path(tempfile.gettempdir()) / "spindle-tests-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _found(name, place) is None:
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
            for arguments in (["update"], ["install", "-y", "--no-install-recommends", package]):
                subprocess.run(
                    ["apt-get", "-qq", *arguments],
                    env=environment,
                    capture_output=True,
                    check=False,
                )
    return _found(name, place)

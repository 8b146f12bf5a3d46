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
def program(name: str, package: str) -> str:
    """The path of a server's program, of a Debian package."""
    found = shutil.which(name) or _installed(name, package)
    if found is None:
        message = f"no `{name}` on the PATH (Debian's package `{package}`)"
        if os.environ.get(DEMANDED):
            pytest.fail(message)
        pytest.skip(message)
    return found


def _installed(name: str, package: str) -> str | None:
    """Install a package as root; one test process at a time."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return None
    with (Path(tempfile.gettempdir()) / "spindle-tests-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if shutil.which(name) is None:
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for arguments in (["update"], ["install", "-y", "--no-install-recommends", package]):
                subprocess.run(
                    ["apt-get", "-qq", *arguments],
                    env=environment,
                    capture_output=True,
                    check=False,
                )
    return shutil.which(name)

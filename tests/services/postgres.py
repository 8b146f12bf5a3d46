"""A real PostgreSQL."""

import os
import pwd
import shutil
import struct
import subprocess
from pathlib import Path

from tests.services.database import DatabaseServer
from tests.services.process import NotReadyError
from tests.services.programs import program

DEBIANS_PLACE = "usr/lib/postgresql/*/bin"
RUNNER = "postgres"
"""Debian's user for it: the server refuses to run as root."""


class Postgres(DatabaseServer):
    """PostgreSQL with an owner, `spindle`, who shows a password; nothing is synced to disk."""

    scheme = "postgres"
    database = "postgres"

    def prepare(self) -> None:
        secret = self.directory / "password"
        secret.write_text(self.password)
        if os.geteuid() == 0:
            runner = pwd.getpwnam(RUNNER)
            for path in (self.directory, secret):
                os.chown(path, runner.pw_uid, runner.pw_gid)
        initialise = [_tool("initdb"), "--no-sync", "--auth=scram-sha-256", "--encoding=UTF8"]
        owner = [f"--username={self.user}", f"--pwfile={secret}", "--locale=C"]
        command = [*_unprivileged(), *initialise, *owner, f"--pgdata={self._data}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        assert done.returncode == 0, done.stderr

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": self.host,
            "unix_socket_directories": "",
            "shared_buffers": "16MB",
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        where = ["-D", str(self._data), "-p", str(self.port)]
        return [*_unprivileged(), _tool("postgres"), *where, *options]

    def check(self) -> None:
        """Begin a session; while it starts, it accepts connections only to say so."""
        options = f"user\0{self.user}\0database\0{self.database}\0\0".encode()
        if self.ask(struct.pack("!ii", 8 + len(options), 3 << 16) + options, 1) != b"R":
            raise NotReadyError

    def stop(self) -> None:
        """End it in order; SIGTERM would wait for its clients."""
        self._end(2)

    @property
    def _data(self) -> Path:
        return self.directory / "data"


def _tool(name: str) -> str:
    return program(name, "postgresql", DEBIANS_PLACE)


def _unprivileged() -> list[str]:
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv") or "setpriv"
    return [setpriv, f"--reuid={RUNNER}", f"--regid={RUNNER}", "--init-groups"]

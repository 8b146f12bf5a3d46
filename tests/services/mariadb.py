"""A real MariaDB."""

import os
import pwd
import subprocess

from tests.services.database import DatabaseServer
from tests.services.process import NotReadyError
from tests.services.programs import program


class MariaDb(DatabaseServer):
    """MariaDB with a database and its user, who shows a password; nothing is synced to disk."""

    scheme = "mysql"
    database = "spindle"

    def prepare(self) -> None:
        install = [program("mariadb-install-db", "mariadb-server"), "--skip-test-db"]
        options = ["--auth-root-authentication-method=normal", *self._settings()]
        done = subprocess.run([*install, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        (self.directory / "init.sql").write_text(
            f"CREATE DATABASE IF NOT EXISTS {self.database};\n"
            f"CREATE USER IF NOT EXISTS {self.user}@'%' IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL ON *.* TO {self.user}@'%';\n"
        )

    def command(self) -> list[str]:
        where = [f"--bind-address={self.host}", f"--port={self.port}"]
        ours = [f"--socket={self.directory}/socket", f"--init-file={self.directory}/init.sql"]
        return [program("mariadbd", "mariadb-server"), *self._settings(), *where, *ours]

    def check(self) -> None:
        """Wait for its greeting, which it sends when it is ready."""
        if not self.ask(b"", 5):
            raise NotReadyError

    def _settings(self) -> list[str]:
        settings = {
            "datadir": str(self.directory / "data"),
            "user": pwd.getpwuid(os.geteuid()).pw_name,
            "innodb-flush-log-at-trx-commit": "0",
            "innodb-flush-method": "nosync",
            "innodb-buffer-pool-size": "16M",
            "innodb-log-file-size": "4M",
            "sync-binlog": "0",
            "performance-schema": "OFF",
        }
        return ["--no-defaults", *(f"--{name}={value}" for name, value in settings.items())]

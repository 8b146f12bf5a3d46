"""A real Mosquitto, the MQTT broker."""

import os
import pwd
import subprocess
from pathlib import Path

from tests.services.process import Server, free_port
from tests.services.programs import program

CONFIGURATION = """
user {user}
per_listener_settings true
listener {port} {host}
allow_anonymous true
listener {guarded_port} {host}
allow_anonymous false
password_file {passwords}
"""


class Mosquitto(Server):
    """Mosquitto with two listeners: `port` is for anyone, `guarded_port` asks for a password."""

    user = "spindle"
    password = "open sesame"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.guarded_port = free_port()

    @property
    def url(self) -> str:
        """The address for anyone."""
        return f"mqtt://{self.host}:{self.port}"

    @property
    def guarded_url(self) -> str:
        """The address that asks for a user and a password; neither is in it."""
        return f"mqtt://{self.host}:{self.guarded_port}"

    def prepare(self) -> None:
        passwords = self.directory / "passwords"
        passwords.touch(0o600)
        write = [program("mosquitto_passwd", "mosquitto"), "-b", str(passwords)]
        subprocess.run([*write, self.user, self.password], check=True, capture_output=True)
        self._configuration.write_text(
            CONFIGURATION.format(
                user=pwd.getpwuid(os.geteuid()).pw_name,
                host=self.host,
                port=self.port,
                guarded_port=self.guarded_port,
                passwords=passwords,
            )
        )

    def command(self) -> list[str]:
        return [program("mosquitto", "mosquitto"), "-c", str(self._configuration)]

    @property
    def _configuration(self) -> Path:
        return self.directory / "mosquitto.conf"

"""A real Redis."""

from tests.services.process import NotReadyError, Server
from tests.services.programs import program


class Redis(Server):
    """Redis of 16 databases, in memory; anyone may use it."""

    @property
    def url(self) -> str:
        return f"redis://{self.host}:{self.port}"

    def command(self) -> list[str]:
        settings = {
            "bind": self.host,
            "port": str(self.port),
            "dir": str(self.directory),
            "save": "",
            "appendonly": "no",
        }
        options = [text for name, value in settings.items() for text in (f"--{name}", value)]
        return [program("redis-server", "redis-server"), *options]

    def check(self) -> None:
        if self.ask(b"PING\r\n", 7) != b"+PONG\r\n":
            raise NotReadyError


class GuardedRedis(Redis):
    """Redis that asks for a password."""

    password = "open sesame"

    @property
    def url(self) -> str:
        return f"redis://:{self.password.replace(' ', '%20')}@{self.host}:{self.port}"

    def command(self) -> list[str]:
        return [*super().command(), "--requirepass", self.password]

    def check(self) -> None:
        if not self.ask(b"PING\r\n", 7).startswith(b"-NOAUTH"):
            raise NotReadyError

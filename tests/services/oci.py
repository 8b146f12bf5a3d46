"""A real OCI registry, Docker's own."""

import http.client
from contextlib import closing

from tests.services.process import NotReadyError, Server
from tests.services.programs import program

CONFIGURATION = """
version: 0.1
storage:
  filesystem:
    rootdirectory: {root}
http:
  addr: {host}:{port}
"""


class OciRegistry(Server):
    """A registry over plain HTTP."""

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def prepare(self) -> None:
        root = self.directory / "data"
        text = CONFIGURATION.format(root=root, host=self.host, port=self.port)
        (self.directory / "registry.yml").write_text(text)

    def command(self) -> list[str]:
        configuration = str(self.directory / "registry.yml")
        return [program("docker-registry", "docker-registry"), "serve", configuration]

    def check(self) -> None:
        with closing(http.client.HTTPConnection(self.host, self.port, timeout=5)) as connection:
            connection.request("GET", "/v2/")
            if connection.getresponse().status != 200:
                raise NotReadyError

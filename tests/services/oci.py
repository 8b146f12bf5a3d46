"""A real OCI registry, Docker's own."""

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tests.services.programs import program

START_LIMIT = 30.0

CONFIGURATION = """
version: 0.1
storage:
  filesystem:
    rootdirectory: {root}
http:
  addr: 127.0.0.1:{port}
"""


@contextmanager
def oci_registry(directory: Path) -> Iterator[str]:
    """A registry over plain HTTP with its data in a directory; its `host:port`."""
    port = free_port()
    configuration = directory / "registry.yml"
    configuration.write_text(CONFIGURATION.format(root=directory / "data", port=port))
    command = [program("docker-registry", "docker-registry"), "serve", str(configuration)]
    with (directory / "registry.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with suppress(OSError), closing(connection):
            connection.request("GET", "/v2/")
            assert connection.getresponse().status == 200
            return
        time.sleep(0.05)
    raise TimeoutError(f"the registry does not answer on port {port}")

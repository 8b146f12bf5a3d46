"""What a guest reaches of the network: what its manifest grants, however it is spelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

Host = Any
Up = Callable[..., Host]


class Server:
    """A server on loopback that counts who comes, and sends them on if told where to."""

    def __init__(self) -> None:
        self.visits: list[str] = []
        self.elsewhere = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.visits.append(self.path)
                self.send_response(302 if outer.elsewhere else 200)
                if outer.elsewhere:
                    self.send_header("location", outer.elsewhere)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    granted, other = Server(), Server()
    granted.elsewhere = f"http://127.0.0.1:{other.port}/redirected"
    yield granted, other
    for server in (granted, other):
        server.server.shutdown()
        server.server.server_close()


def application(directory: Path, wasm: Path, hosts: str) -> Path:
    (directory / "spin.toml").write_text(
        f"""spin_manifest_version = 2
[application]
name = "network"
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = "{wasm}"
allowed_outbound_hosts = ["{hosts}"]
"""
    )
    return directory


@pytest.fixture(scope="module")
def host(
    servers: tuple[Server, Server],
    guest: Callable[[str], Path],
    up: Up,
    tmp_path_factory: pytest.TempPathFactory,
) -> Host:
    hosts = f"http://127.0.0.1:{servers[0].port}"
    return up(application(tmp_path_factory.mktemp("network"), guest("python"), hosts))


def send(host: Host, url: str) -> Any:
    return host.get(f"/send?url={quote(url, safe='')}")


def test_what_is_granted_is_reached_and_a_redirect_is_not_followed(
    host: Host, servers: tuple[Server, Server]
) -> None:
    granted, other = servers
    assert send(host, f"http://127.0.0.1:{granted.port}/").status == 302
    assert granted.visits
    assert not other.visits


@pytest.mark.parametrize(
    "place",
    [
        "127.0.0.1:{other}",
        "localhost:{other}",
        "localhost:{granted}",
        "127.1:{granted}",
        "0x7f000001:{granted}",
        "2130706433:{granted}",
        "0:{other}",
        "[::1]:{other}",
        "[::ffff:127.0.0.1]:{other}",
        "127.0.0.1:{granted}@127.0.0.1:{other}",
        "user@127.0.0.1:{other}",
        "127.0.0.1:{granted}#@127.0.0.1:{other}",
        "127.0.0.1:{granted}.example:{other}",
        "127.0.0.1",
        "169.254.169.254",
        "other.spin.internal",
        "self.alt",
    ],
)
def test_nothing_else_is_reached(host: Host, servers: tuple[Server, Server], place: str) -> None:
    granted, other = servers
    before = len(granted.visits)
    url = f"http://{place.format(granted=granted.port, other=other.port)}/x"
    send(host, url)
    assert not other.visits
    assert len(granted.visits) == before or "#" in place  # a fragment is not sent
    assert host.get("/").status < 500


def test_a_blocked_network_is_not_reached_whatever_is_granted(
    servers: tuple[Server, Server], guest: Callable[[str], Path], up: Up, tmp_path: Path
) -> None:
    config = tmp_path / "runtime-config.toml"
    config.write_text('[outbound_networking]\nblock_networks = ["private"]\n')
    app = application(tmp_path, guest("python"), "*://*:*")
    blocking = up(app, "--runtime-config-file", str(config))
    _, other = servers
    for name in ("127.0.0.1", "localhost"):
        assert send(blocking, f"http://{name}:{other.port}/").status == 502
    assert not other.visits

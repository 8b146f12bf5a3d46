"""Wasm from real servers: one for files, and an OCI registry."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from oras.client import OrasClient
from tests.services.oci import OciRegistry
from tests.services.process import running

from spindle.app import App, AppComponent, HttpSource, LocalSource, RegistrySource, Source
from spindle.errors import HostError, UserError
from spindle.registry import Store, fetched

WASM = b"\0asm\x0d\0\1\0"
DIGEST = "sha256:" + hashlib.sha256(WASM).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def files(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server of files: its URL and its directory."""
    directory = tmp_path / "served"
    directory.mkdir()
    (directory / "app.wasm").write_bytes(WASM)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(directory))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", directory
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry with `acme:tool` in versions 1.0.0 and 1.1.0."""
    directory = tmp_path_factory.mktemp("oci")
    with running(OciRegistry) as server:
        for version in ("1.0.0", "1.1.0"):
            push(server.address, directory, version)
        yield server.address


def push(address: str, directory: Path, version: str) -> None:
    file = directory / "tool.wasm"
    file.write_bytes(WASM + version.encode())
    client = OrasClient(insecure=True)
    with client.session:
        client.push(
            f"{address}/acme/tool:{version}",
            files=[f"{file}:application/wasm"],
            disable_path_validation=True,
        )


@pytest.fixture
def configured(registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration in which the registry is the default one."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "wasm-pkg" / "config.toml"
    path.parent.mkdir()
    path.write_text(
        f'default_registry = "{registry}"\n[registry."{registry}".oci]\nprotocol = "http"\n'
    )
    return path


def app_of(source: Source) -> App:
    return App("test", Path(), components={"c": AppComponent("c", source)}, triggers=())


def content(source: Source, root: Path) -> bytes:
    app = fetched(app_of(source), Store(root))
    assert app.is_local
    local = app.components["c"].source
    assert isinstance(local, LocalSource)
    return local.path.read_bytes()


def test_local_files_are_left_alone(tmp_path: Path) -> None:
    assert app_of(LocalSource(tmp_path)).is_local


def test_a_url_is_fetched_once(files: tuple[str, Path], tmp_path: Path) -> None:
    url, directory = files
    source = HttpSource(f"{url}/app.wasm", DIGEST)
    assert content(source, tmp_path) == WASM
    (directory / "app.wasm").unlink()
    assert content(source, tmp_path) == WASM


def test_other_content_is_refused(files: tuple[str, Path], tmp_path: Path) -> None:
    url, directory = files
    (directory / "app.wasm").write_bytes(WASM + b"!")
    with pytest.raises(UserError, match="has the digest"):
        content(HttpSource(f"{url}/app.wasm", DIGEST), tmp_path / "cache")
    assert list((tmp_path / "cache" / "registry" / "wasm").iterdir()) == []


@pytest.mark.parametrize(
    ("path", "said"), [("/absent.wasm", "the server answers 404"), (None, "can't be reached")]
)
def test_what_cannot_be_had(
    files: tuple[str, Path], tmp_path: Path, path: str | None, said: str
) -> None:
    url = "http://127.0.0.1:1/x" if path is None else files[0] + path
    with pytest.raises(HostError, match=said):
        content(HttpSource(url, DIGEST), tmp_path)


def test_only_the_web_is_fetched_from(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="no `http` or `https` URL"):
        content(HttpSource("file:///etc/passwd", DIGEST), tmp_path)


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(("requirement", "found"), [("=1.0.0", b"1.0.0"), (">=1", b"1.1.0")])
def test_a_package_is_fetched(tmp_path: Path, requirement: str, found: bytes) -> None:
    assert content(RegistrySource("acme:tool", requirement), tmp_path) == WASM + found


@pytest.mark.usefixtures("configured")
def test_what_a_registry_lacks(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"has no version `=2\.0\.0` of `acme:tool`"):
        content(RegistrySource("acme:tool", "=2.0.0"), tmp_path)
    with pytest.raises(UserError, match="has no version `1` of `acme:other`"):
        content(RegistrySource("acme:other", "1"), tmp_path)


def test_what_was_fetched_needs_no_network(configured: Path, tmp_path: Path) -> None:
    source = RegistrySource("acme:tool", "1")
    assert content(source, tmp_path) == WASM + b"1.1.0"
    address = configured.read_text().split('"')[1]
    gone = address.rpartition(":")[0] + ":1"
    configured.write_text(
        f'[namespace_registries.acme]\nregistry = "{address}"\n'
        f'metadata = {{ oci = {{ registry = "{gone}" }} }}\n'
        f'[registry."{address}".oci]\nprotocol = "http"\n'
    )
    assert content(source, tmp_path) == WASM + b"1.1.0"
    with pytest.raises(HostError, match="can't be reached"):
        content(source, tmp_path / "elsewhere")


def test_a_folder_is_a_registry(tmp_path: Path, configured: Path) -> None:
    folder = tmp_path / "packages" / "acme" / "tool"
    folder.mkdir(parents=True)
    (folder / "3.0.0.wasm").write_bytes(WASM)
    configured.write_text(f'[registry.mine]\ntype = "local"\nlocal.root = "{folder.parents[1]}"\n')
    assert content(RegistrySource("acme:tool", "3", "mine"), tmp_path / "cache") == WASM


def test_nothing_says_where_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(UserError, match="nothing says which registry"):
        content(RegistrySource("acme:tool", "1"), tmp_path)


def test_a_broken_configuration(configured: Path, tmp_path: Path) -> None:
    configured.write_text("default_registry = [")
    with pytest.raises(UserError, match="can't be read"):
        content(RegistrySource("acme:tool", "1"), tmp_path)


def test_a_host_serves_what_it_fetched(
    files: tuple[str, Path],
    guest: Callable[[str], Path],
    up: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, directory = files
    wasm = guest("wat/hello").read_bytes()
    (directory / "hello.wasm").write_bytes(wasm)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    app = tmp_path / "app"
    app.mkdir()
    digest = "sha256:" + hashlib.sha256(wasm).hexdigest()
    (app / "spin.toml").write_text(
        'spin_manifest_version = 2\napplication.name = "far"\n'
        '[[trigger.http]]\nroute = "/"\ncomponent = "far"\n'
        f'[component.far]\nsource = {{ url = "{url}/hello.wasm", digest = "{digest}" }}\n'
    )
    assert up(app).get("/").text == "hello from the text format"

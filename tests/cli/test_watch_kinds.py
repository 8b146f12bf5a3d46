"""`spindle watch` with what isn't one HTTP component: commands, other triggers, dependencies."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.cli.harness import Up
from tests.cli.live import HEAD, Live, component, wait_until, watched
from tests.conftest import built

HELLO = component("hello", "http", 'route = "/hello"')
OTHER = component("other", "http", 'route = "/other/..."')
WAGI = component("wagi", "http", 'route = "/wagi"\nexecutor = { type = "wagi" }')
COMPOSED = (
    component("consumer", "http", 'route = "/..."')
    + """
environment = { NAME = "ann" }
dependencies_inherit_configuration = true
dependencies."guests:library" = { path = "library.wasm" }
"""
)


@pytest.fixture
def live(tmp_path: Path, up: Up) -> Iterator[Callable[..., Live]]:
    """Call it with a manifest's components and guests by the names of their files."""
    with ExitStack() as living:

        def start(components: str, **guests: str) -> Live:
            root = tmp_path / "app"
            root.mkdir()
            for name, guest in guests.items():
                shutil.copyfile(built(guest), root / f"{name}.wasm")
            (root / "spin.toml").write_text(HEAD + components)
            return living.enter_context(watched(root, up))

        yield start


def put(live: Live, name: str, old: bytes, new: bytes) -> None:
    """Have a guest's file say something else."""
    file = live.root / f"{name}.wasm"
    content = file.read_bytes()
    assert old in content
    assert len(old) == len(new)
    (live.root / "new").write_bytes(content.replace(old, new))
    (live.root / "new").replace(file)


def test_a_command_is_swapped(live: Callable[..., Live]) -> None:
    app = live(WAGI, wagi="wagi")
    app.wait_for((418, "teapot", None), "/wagi?mode=status")
    put(app, "wagi", b"teapot", b"coffee")
    app.wait_for((418, "coffee", None), "/wagi?mode=status")
    app.wait_said("Serving `wagi` anew.")


def test_what_depends_on_a_component_is_swapped_with_it(live: Callable[..., Live]) -> None:
    app = live(COMPOSED, consumer="consumer", library="library")
    app.wait_for((200, "environment variable not found", None), "/ask/environment/NONE")
    library = app.root / "library.wasm"
    content = library.read_bytes()
    library.write_bytes(b"no wasm")
    app.wait_for((200, "ann", None), "/ask/environment/NAME")
    old = b"environment variable not found"
    library.write_bytes(content.replace(old, b"environment variable not known"))
    app.wait_for((200, "environment variable not known", None), "/ask/environment/NONE")


def test_a_build_is_told_of_what_it_depends_on(live: Callable[..., Live]) -> None:
    command = "cp spin-dependencies.wit told.wit"
    build = f'build = {{ command = "{command}", watch = ["note"] }}\n'
    app = live(COMPOSED + build, consumer="consumer", library="library")
    (app.root / "note").touch()
    told = app.root / "told.wit"
    wait_until(lambda: told.exists() and "guests:library" in told.read_text())


def test_grants_change_with_the_manifest(live: Callable[..., Live]) -> None:
    app = live(COMPOSED, consumer="consumer", library="library")
    app.wait_for((200, "ann", None), "/ask/environment/NAME")
    app.edit(lambda text: text.replace('"ann"', '"bob"'))
    app.wait_for((200, "bob", None), "/ask/environment/NAME")
    granted = 'environment = { NAME = "bob" }\nkey_value_stores = ["default"]'
    assert app.get("/ask/store/default")[1] != "opened"
    app.edit(lambda text: text.replace('environment = { NAME = "bob" }', granted))
    app.wait_for((200, "opened", None), "/ask/store/default")


def test_components_and_triggers_come_and_go(live: Callable[..., Live]) -> None:
    app = live(HELLO + OTHER, hello="wat/hello", other="reflect")
    assert app.get("/other/noread")[0] == 200
    app.edit(lambda text: text.replace(OTHER, ""))
    app.wait_for((404, "", None), "/other/noread")
    assert app.get("/hello")[0] == 200
    app.edit(lambda text: text + OTHER)
    assert app.get("/hello")[0] == 200


def test_a_request_under_way_finishes_on_the_build_it_began_with(
    live: Callable[..., Live],
) -> None:
    everywhere = OTHER.replace("/other/...", "/...")
    app = live(everywhere, other="reflect")
    client = http.client.HTTPConnection(app.host, timeout=app.patience)
    client.putrequest("POST", "/echo")
    client.putheader("content-length", "8")
    client.endheaders()
    client.send(b"half")
    app.wait_for((200, "not read", None), "/noread")
    (app.root / "other.wasm").write_bytes(built("wat/hello").read_bytes())
    hello = built("wat/hello").read_bytes()
    start = hello.index(b"hello from")
    app.wait_for((200, hello[start : start + 26].decode().strip(), None), "/noread")
    client.send(b"half")
    answer = client.getresponse()
    assert (answer.status, answer.read()) == (200, b"halfhalf")
    client.close()

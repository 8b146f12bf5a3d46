"""`spindle watch` with triggers other than HTTP: what is swapped is what handles the next event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.cli.harness import Run, Up, wait_served
from tests.cli.live import HEAD, Live, component, running, wait_until, watched
from tests.trigger import event_guests

REDIS = (
    HEAD
    + 'application.trigger.redis.address = "redis://127.0.0.1:1"\n'
    + component("handler", "redis", 'channel = "orders"')
)
CRON = HEAD + component("handler", "cron", 'cron_expression = "0 0 0 1 1 *"')
HTTP = """
[[trigger.http]]
route = "/hi"
static_response = { body = "hello" }
"""

TRAPS_AT_T = b"\x41\xf4\x00"
"""The instruction with the letter of what traps; another build has another letter."""
TRAPS_AT_X = b"\x41\xf8\x00"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    directory = tmp_path / "app"
    directory.mkdir()
    return directory


@pytest.fixture
def live(app: Path, up: Up) -> Iterator[Callable[[str, bytes], Live]]:
    """Call it with a manifest and a handler; the host also serves `/hi`."""
    with ExitStack() as living:

        def start(manifest: str, handler: bytes) -> Live:
            (app / "spin.toml").write_text(manifest + HTTP)
            (app / "handler.wasm").write_bytes(handler)
            return living.enter_context(watched(app, up))

        yield start


@pytest.mark.parametrize(
    ("manifest", "handler", "event"),
    [
        (REDIS, event_guests.old_redis, ["redis", "orders", "x"]),
        (CRON, event_guests.cron, ["cron", "handler", "--at", "120"]),
    ],
)
def test_the_next_event_meets_the_new_build(
    live: Callable[[str, bytes], Live],
    run: Run,
    manifest: str,
    handler: Callable[[], bytes],
    event: list[str],
) -> None:
    """120 is the letter `x`, and the second of the time."""
    app = live(manifest, handler())

    def fired() -> dict[str, Any]:
        shown = run("fire", *event, "--format", "json", cwd=app.root)
        exchange: dict[str, Any] = json.loads(shown.stdout)["exchanges"][0]
        return exchange

    before = fired()
    assert before["trap"] is None
    wasm = app.root / "handler.wasm"
    assert TRAPS_AT_T in wasm.read_bytes()
    (app.root / "new").write_bytes(wasm.read_bytes().replace(TRAPS_AT_T, TRAPS_AT_X))
    (app.root / "new").replace(wasm)
    wait_until(lambda: fired()["build"] != before["build"])
    assert fired()["trap"] is not None
    wasm.write_bytes(b"no wasm")
    assert fired()["trap"] is not None, "what is broken is not taken"
    (app.root / "new").write_bytes(handler())
    (app.root / "new").replace(wasm)
    wait_until(lambda: fired()["build"] == before["build"])
    assert fired()["trap"] is None


def test_a_channel_that_comes_is_listened_to(live: Callable[[str, bytes], Live], run: Run) -> None:
    app = live(REDIS, event_guests.old_redis())
    assert run("fire", "redis", "news", "fine", cwd=app.root).returncode == 2
    app.edit(lambda text: text.replace('"orders"', '"news"'))
    wait_until(lambda: run("fire", "redis", "news", "fine", cwd=app.root).returncode == 0)
    assert run("fire", "redis", "orders", "fine", cwd=app.root).returncode == 2


def test_the_first_route_begins_to_be_served(
    app: Path, run: Run, environment: dict[str, str]
) -> None:
    (app / "spin.toml").write_text(REDIS)
    (app / "handler.wasm").write_bytes(event_guests.old_redis())
    with running(app, environment, "up", "--watch") as process:
        wait_until(lambda: run("fire", "redis", "orders", "fine", cwd=app).returncode == 0)
        (app / "spin.toml").write_text(REDIS + HTTP)
        serving = wait_served(process)
        assert Live(app, serving).get("/hi")[:2] == (200, "hello")
        assert _base_urls(environment) == [serving.base_url]
        code, stderr = serving.stop()
        assert code == 0, stderr


def _base_urls(environment: dict[str, str]) -> list[str]:
    """As front ends find them."""
    files = Path(environment["XDG_RUNTIME_DIR"], "spindle").glob("*.json")
    return [json.loads(file.read_text())["base_url"] for file in files]

"""Whoever does not want an answer any more stops the guests that are at work on it, at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.trigger import event_guests

import spindle
from spindle.component.core.callbacks import stores
from spindle.door import App, AsyncApp
from spindle.executor import guest as live_guest

MANIFEST = """\
spin_manifest_version = 2
[application]
name = "endless"
[application.trigger.redis]
address = "redis://127.0.0.1:1"
[[trigger.redis]]
channel = "orders"
component = "events"
[component.events]
source = "{events}"
[[trigger.http]]
route = "/loops"
component = "loops"
[component.loops]
source = "{loops}"
[[trigger.http]]
route = "/python/..."
component = "python"
[component.python]
source = "{python}"
[[trigger.http]]
route = "/calls/..."
component = "calls"
[component.calls]
source = "{python}"
allowed_outbound_hosts = ["http://python.spin.internal"]
"""
PYTHON = "http://python.spin.internal"
ENDLESS: dict[str, Callable[[AsyncApp], Coroutine[Any, Any, object]]] = {
    "loops": lambda app: app.get("/loops"),
    "python": lambda app: app.get("/python/loop"),
    "python sleeps": lambda app: app.get("/python/sleep?ms=100000"),
    "python answers": lambda app: app.get("/python/drip?count=100000000&ms=1"),
    "python called": lambda app: app.get(f"/calls/send?url={PYTHON}/loop"),
    "python called, sleeps": lambda app: app.get(f"/calls/send?url={PYTHON}/sleep?ms=100000"),
    "python called, answers": lambda app: app.get(f"/calls/send?url={PYTHON}/drip?count=100000000"),
    "events": lambda app: app.fire("redis", "orders", "loop"),
}


@pytest.fixture(scope="module")
def served(guest: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("endless")
    events = folder / "events.wasm"
    events.write_bytes(event_guests.old_redis())
    named = {"loops": guest("wat/loops"), "python": guest("python"), "events": events}
    paths = {name: path.as_posix() for name, path in named.items()}
    (folder / "spin.toml").write_text(MANIFEST.format(**paths))
    with (
        pytest.MonkeyPatch.context() as patch,
        spindle.open(folder) as app,
    ):
        patch.setattr(live_guest, "GRACE", 3600.0)  # else they would stop soon by themselves
        yield app


@pytest.fixture(params=["embedded", "attached"])
def either(request: pytest.FixtureRequest, served: App) -> Iterator[App]:
    if request.param == "embedded":
        yield served
    else:
        with spindle.attach(served.path) as app:
            yield app


async def busy(app: App) -> dict[str, int]:
    found = await app.aio.components()
    return {each.id: sum(instance.busy for instance in each.instances) for each in found}


async def wait_until(holds: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110  # what it asks for has no event
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("what", ENDLESS)
def test_a_guest_is_stopped(either: App, what: str) -> None:
    async def main() -> None:
        asked = asyncio.ensure_future(ENDLESS[what](either.aio))
        component = what.split()[0]

        async def begun() -> bool:
            return bool((await busy(either))[component])

        async def over() -> bool:
            return not await begun()

        await wait_until(begun)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await wait_until(over)
        newest = (await either.aio.exchanges(f"component:{component}"))[0]
        assert newest.trap == "interrupted"

    asyncio.run(main())


def test_a_replay_is_stopped(either: App) -> None:
    async def main() -> None:
        recorded = await either.aio.get("/python/status?code=204")

        async def begun() -> bool:
            return any(store.calls for store in list(stores.values()))

        async def over() -> bool:
            return not await begun()

        edit = {"path": "/python/loop"}
        asked = asyncio.ensure_future(either.aio.replay(recorded, edit=edit))
        await wait_until(begun)
        asked.cancel()
        await wait_until(over)

    asyncio.run(main())

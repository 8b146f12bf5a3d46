"""An application in this process that runs the code tests send it, and stages beside it."""

from __future__ import annotations

import asyncio
import json
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.guests.build import build

from spindle.dev.host import Host
from spindle.dev.options import UpOptions
from spindle.dev.preparing import prepare_app
from spindle.dev.quiet import QuietConsole
from spindle.replay import Edit, Manner, Order, Replay

T = TypeVar("T")

MANIFEST = """
spin_manifest_version = 2
[application]
name = "replayed"
[variables]
who = {{ default = "world" }}
token = {{ default = "s3cret", secret = true }}
[[trigger.http]]
route = "/{route}..."
component = "lab"
[component.lab]
source = "{wasm}"
key_value_stores = ["default"{stores}]
sqlite_databases = ["default"]
allowed_outbound_hosts = ["http://127.0.0.1:*", "http://self", "redis://127.0.0.1:*"]
environment = {{ COLOUR = "blue" }}
variables = {{ who = "{{{{ who }}}}", token = "{{{{ token }}}}" }}
"""


class Application:
    """A host that listens to nobody."""

    def __init__(self, host: Host) -> None:
        self.host = host

    async def run(self, code: str, path: str = "/") -> Any:
        """The document of a request whose guest runs some code."""
        params: Any = {
            "type": "http",
            "target": path,
            "method": "POST",
            "payload": textwrap.dedent(code),
        }
        answer = await self.host.fire(params)
        return answer["exchanges"][0]

    async def replay(self, document: Any, edit: Edit = Edit(), **manner: Any) -> Replay:  # noqa: B008 - it is a value
        """Replay one exchange on a stage of its own."""
        from spindle.dev.replaying import Stage

        async with Stage(self.host._scene(), Manner(**manner)) as stage:
            return await stage.replay(Order(document, edit))


@asynccontextmanager
async def application(
    directory: Path,
    *,
    wasm: Path | None = None,
    stores: str = "",
    route: str = "",
    change: Callable[[str], str] = str,
    **options: Any,
) -> AsyncIterator[Application]:
    manifest = directory / "spin.toml"
    text = MANIFEST.format(wasm=wasm or build("lab-python"), stores=stores, route=route)
    manifest.write_text(change(text))
    console, up = QuietConsole(), UpOptions(source=manifest, quiet=True, **options)
    host = Host(prepare_app(up, console), up, console)
    try:
        await host.load()
        yield Application(host)
    finally:
        await host.close()


def serving(directory: Path, test: Callable[[Application], Awaitable[T]], **settings: Any) -> T:
    """Run a test with an application."""

    async def run() -> T:
        async with application(directory, **settings) as app:
            return await test(app)

    return asyncio.run(run())


def answer_of(document: Any) -> Any:
    """What a guest's code returned."""
    return json.loads(document["output"]["body"]["data"])

"""Hosts that serve in this process, and clients of theirs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from spindle.client import HostClient
from spindle.dev.host import Host
from spindle.dev.options import UpOptions
from spindle.dev.preparing import prepare_app
from spindle.dev.quiet import QuietConsole
from spindle.dev.serving import watched


@asynccontextmanager
async def hosted(manifest: Path, **flags: Any) -> AsyncIterator[tuple[Host, HostClient]]:
    """An application that is served, and somebody who asks its host."""
    options = UpOptions(manifest, listen="127.0.0.1:0", **flags)
    console: Any = QuietConsole()
    prepared = await asyncio.to_thread(prepare_app, options, console)
    host = Host(prepared, options, console)
    try:
        await host.start()
        assert host.run_file is not None
        async with (
            watched(host, prepared, options, console),
            await HostClient.open(host.run_file) as client,
        ):
            yield host, client
    finally:
        await host.close()

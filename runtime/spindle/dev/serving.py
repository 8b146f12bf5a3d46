"""Serving until told to stop, and serving for one call: hosts with an event loop of their own."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from spindle.dev.console import Console
from spindle.dev.control import Params
from spindle.dev.host import Host
from spindle.dev.options import UpOptions
from spindle.dev.preparing import Prepared, prepare_app
from spindle.dev.runner import run_loop, stop_on_signals
from spindle.errors import ComponentError
from spindle.executor import SourcesError

COLLECT_AFTER = 5_000
"""Containers made and not freed since cyclic garbage was last collected; while serving."""


def serve(options: UpOptions, console: Console) -> int:
    """Build if asked to, load, serve, and return once a signal or a front end has stopped it.

    Where there are commands alone, it ends with them, and this is their exit status; else it is 0.
    """
    prepared = prepare_app(options, console)
    try:
        return run_loop(_serve_app(prepared, options, console))
    except (SourcesError, ComponentError) as error:
        if not prepared.begun:
            raise
        console.warn(f"what can't run from its sources is built instead: {error.message}")
    return run_loop(_serve_app(prepare_app(options, console, at_once=False), options, console))


def fire_once(options: UpOptions, console: Console, params: Params) -> Any:
    """What the method `trigger/fire` answers on a host that lives as long as this call."""
    return run_loop(_fire_once(prepare_app(options, console), options, console, params))


async def _serve_app(prepared: Prepared, options: UpOptions, console: Console) -> int:
    host = Host(prepared, options, console)
    stop_on_signals(host)
    try:
        if await _started(host):
            # What a start made stays: let collections pass over it, and come often again.
            gc.freeze()
            gc.set_threshold(COLLECT_AFTER)
            async with watched(host, prepared, options, console):
                await host.wait_stopped()
    finally:
        await host.close()
    return host.exit_status


async def _fire_once(
    prepared: Prepared, options: UpOptions, console: Console, params: Params
) -> Any:
    host = Host(prepared, options, console)
    try:
        await host.load()
        return await host.fire(params)
    finally:
        await host.close()


async def _started(host: Host) -> bool:
    """Whether a host has started, and was not told to stop meanwhile: compiling takes a while."""
    starting = asyncio.ensure_future(host.start(announce=True))
    stopping = asyncio.ensure_future(host.wait_told_to_stop())
    await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if starting.done():
        starting.result()
        return True
    starting.cancel()
    return False


@asynccontextmanager
async def watched(
    host: Host, prepared: Prepared, options: UpOptions, console: Console
) -> AsyncIterator[None]:
    """Have what changes built and served meanwhile, if that was asked for."""
    if not options.watch:
        yield
        return
    from spindle.dev.session import Session  # only here: many hosts serve what doesn't change

    configuration = [path for path in (options.runtime_config_file, Path.cwd() / ".env") if path]
    session = Session(
        host,
        console,
        options.source,
        configuration=configuration,
        build=options.build_changed,
        clear=options.clear,
        instant=options.instant,
        begun=prepared.begun,
    )
    try:
        await session.start(prepared.since)
        host.watching = True
    except Exception as error:  # what is served goes on
        console.complain("beginning to watch; what changes is not served", error)
    try:
        yield
    finally:
        host.watching = False
        await session.close()

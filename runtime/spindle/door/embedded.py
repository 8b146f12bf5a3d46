"""A host in this process, on a thread and an event loop of its own."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

from spindle.client.host_client import HostClient
from spindle.dev.console import Console
from spindle.dev.host import Host
from spindle.dev.options import UpOptions
from spindle.dev.preparing import Prepared, prepare_app
from spindle.dev.serving import watched
from spindle.door.app import App
from spindle.door.build_lines import BuildTeller
from spindle.door.changes import ChangeTeller
from spindle.door.flags import read_flags
from spindle.door.here import HereLink
from spindle.door.loop_thread import LoopThread, apart, shortened
from spindle.door.mocks import Mock, MockError, Mocks
from spindle.door.quiet import Quiet, Tell
from spindle.door.result import Json
from spindle.door.underway import Underway


def open(path: str | Path = ".", *, tell: Tell | None = None, **flags: Any) -> EmbeddedApp:
    """Host an application in this process; `path` is a manifest, a folder or a wasm file.

    The flags are those of `spindle up` (`build=True`, `variables={…}`, `state_dir=…`), but it
    listens on a free port and shows nothing; `tell` is called with a line of text whenever
    something is built. Raises `ManifestError`, whose `diagnostics` say what
    is wrong with the application, and other `SpindleError`s.
    """
    app = embed(read_flags(path, flags), Quiet(tell))
    if tell is not None:
        app.tell_of_builds(tell)
    return app


def embed(options: UpOptions, console: Console) -> EmbeddedApp:
    """Host an application in this process as options say; the console is told what goes on."""
    prepared = apart(lambda: prepare_app(options, console))
    thread = LoopThread("spindle")
    try:
        return thread.run(_opened(thread, prepared, options, console))
    except BaseException:
        thread.close()
        raise


async def _opened(
    thread: LoopThread, prepared: Prepared, options: UpOptions, console: Console
) -> EmbeddedApp:
    async with AsyncExitStack() as stack:
        host = Host(prepared, options, console)
        stack.push_async_callback(host.close)
        mocks = Mocks(partial(_renew, host))
        host.interpose(mocks.interpose)
        await host.start()
        await stack.enter_async_context(watched(host, prepared, options, console))
        return EmbeddedApp(thread, host, mocks, stack.pop_all())


def _renew(host: Host) -> None:
    """Have what is asked from now on answered by instances that have seen nothing yet."""
    for id_ in host.app.components:
        host.renew(id_)


class EmbeddedApp(App):
    """An application served by this process; its guests' imports can be mocked."""

    def __init__(self, thread: LoopThread, host: Host, mocks: Mocks, stack: AsyncExitStack) -> None:
        self._host = host
        self._mocks = mocks
        self._underway = Underway()
        host.bus.join(self._underway, Underway.KINDS)
        client = HostClient(HereLink(host, stack.aclose))
        super().__init__(thread, client, str(host.options.source), host.base_url)
        _open_apps.add(self)

    def tell_of_builds(self, tell: Tell) -> None:
        """Call somebody with a line of text when a build begins, and when it ends."""
        self._host.bus.join(BuildTeller(tell), BuildTeller.KINDS)

    def tell_of_changes(self, tell: Callable[[], object]) -> None:
        """Call somebody, on a thread of the host's, when another state of it is served."""
        self._host.bus.join(ChangeTeller(tell), ChangeTeller.KINDS)

    def underway(self) -> list[Json]:
        """What guests are at work on: documents with what is known so far."""
        return self._thread.run(self._what_is_underway())

    async def _what_is_underway(self) -> list[Json]:
        return self._underway.documents()

    def mock(self, interface: str, **functions: Any) -> Mock:
        """Answer a guest's import by Python functions for a block.

            with app.mock("wasi:clocks/wall-clock", now=(0, 0)) as clock:
                app.get("/")
            clock.assert_called("now")

        Functions get lifted values and return what WIT says (`spindle.component.values`); what is
        no function is the answer itself. Those not given stay as they are. Names are WIT's with
        underscores: `store_get` is `[method]store.get`. Raises `MockError` for what there isn't.
        """
        __tracebackhide__ = True  # of pytest: what is wrong is where this is called
        try:
            return Mock(self._mocks, self._thread.call, interface, functions)
        except MockError as error:
            raise shortened(error) from None

    def stop_mocks(self) -> None:
        """End whatever mocks were begun."""
        self._thread.call(self._mocks.end_all)


_open_apps: weakref.WeakSet[EmbeddedApp] = weakref.WeakSet()


def _close_all() -> None:
    for app in list(_open_apps):
        app.close()


# Hosts need threads to end, and at `atexit` there are no new ones any more.
getattr(threading, "_register_atexit", atexit.register)(_close_all)

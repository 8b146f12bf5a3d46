"""A host that can't watch its files serves them all the same, and says so."""

from __future__ import annotations

import asyncio
import errno
import http.client
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import watchdog.observers
from tests.labs import Recorder
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from spindle.dev.host import Host
from spindle.dev.options import UpOptions
from spindle.dev.preparing import prepare_app
from spindle.dev.serving import watched
from spindle.dev.watching.interests import Interest, Kind
from spindle.dev.watching.watcher import Watcher

Guest = Callable[[str], Path]
MANIFEST = """
spin_manifest_version = 2
[application]
name = "unwatched"
[[trigger.http]]
route = "/..."
component = "a"
[component.a]
source = "a.wasm"
"""
LIMIT = OSError(errno.ENOSPC, "inotify watch limit reached")
SAID = "beginning to watch; what changes is not served: "


def no_watches(monkeypatch: pytest.MonkeyPatch) -> str:
    """No observer can watch any directory."""

    def schedule(*_: object, **__: object) -> None:
        raise LIMIT

    monkeypatch.setattr(BaseObserver, "schedule", schedule)
    return "can't be watched: [Errno 28] inotify watch limit reached"


def no_threads(monkeypatch: pytest.MonkeyPatch) -> str:
    """No observer can start."""

    def start(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(BaseObserver, "start", start)
    return "can't start new thread"


@pytest.mark.parametrize("break_it", [no_watches, no_threads])
def test_what_can_not_be_watched_is_served(
    break_it: Callable[[pytest.MonkeyPatch], str],
    guest: Guest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = tmp_path / "spin.toml"
    source.write_text(MANIFEST)
    (tmp_path / "a.wasm").write_bytes(guest("wat/hello").read_bytes())
    reason = break_it(monkeypatch)
    options = UpOptions(source, listen="127.0.0.1:0", state_dir=str(tmp_path / "state"), watch=True)
    console = Recorder()

    async def main() -> None:
        prepared = await asyncio.to_thread(prepare_app, options, console)
        host = Host(prepared, options, console)
        try:
            await host.start()
            async with watched(host, prepared, options, console):
                assert not host.watching
                (line,) = [line for line in console.lines if line.startswith(SAID)]
                assert line.endswith(reason)
                assert await asyncio.to_thread(answer_of, host) == b"hello from the text format"
        finally:
            await host.close()

    asyncio.run(main())


def answer_of(host: Host) -> bytes:
    address = str(host.base_url).removeprefix("http://")
    with closing(http.client.HTTPConnection(address, timeout=60)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().read()


def test_files_are_looked_at_where_the_system_has_no_more_watches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Limited(PollingObserver):
        """Has room for one directory."""

        def schedule(self, *args: Any, **kwargs: Any) -> Any:
            if self.emitters:
                raise LIMIT
            return super().schedule(*args, **kwargs)

    monkeypatch.setattr(watchdog.observers, "Observer", Limited)
    one, other = (tmp_path / name for name in ("one", "other"))
    for directory in (one, other):
        directory.mkdir()
    interests = [Interest(Kind.SOURCES, place.name, place, ("*.txt",)) for place in (one, other)]

    async def main() -> None:
        watcher = Watcher(interests)
        await watcher.start()
        try:
            assert watcher.polls
            changes = watcher.changes()
            for directory in (other, one):
                (directory / "new.txt").write_text("new")
                found = await asyncio.wait_for(anext(changes), 60)
                (interest,) = found.by_interest
                assert interest.component == directory.name
        finally:
            await watcher.close()

    asyncio.run(main())

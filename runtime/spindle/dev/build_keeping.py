"""Keeps the builds that were served, behind everything else that goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from spindle.app import AppComponent
from spindle.component.cache_files import cache_root
from spindle.executor.loading import nice_thread
from spindle.replay.kept_builds import KeptBuilds


class BuildKeeping:
    """Keeps those of one application; see `spindle.replay.kept_builds`."""

    def __init__(self, manifest: Path) -> None:
        self._builds = KeptBuilds(cache_root() / "builds", manifest)
        self._thread: ThreadPoolExecutor | None = None
        self._seen: set[str] = set()
        self._tidying: Future[None] | None = None

    def note(
        self, components: Iterable[AppComponent], build_of: Callable[[str], str | None]
    ) -> None:
        """Keep what answers now; returns at once."""
        if self._thread is None:
            self._thread = nice_thread()
        for component in components:
            build = build_of(component.id)
            if build is not None and build not in self._seen:
                self._seen.add(build)
                self._thread.submit(self._builds.keep, build, component)
        self._tidying = self._thread.submit(self._builds.tidy)

    async def close(self) -> None:
        """Return once all is kept."""
        if self._tidying is not None:
            self._tidying.cancel()  # others will
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)

"""Keeps the builds that were served, behind everything else that goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
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

    def note(
        self, components: Iterable[AppComponent], build_of: Callable[[str], str | None]
    ) -> None:
        """Keep what answers now; returns at once."""
        for component in components:
            build = build_of(component.id)
            if build is None or build in self._seen:
                continue
            self._seen.add(build)
            if self._thread is None:
                self._thread = nice_thread()
            self._thread.submit(self._builds.keep, build, component)

    async def close(self) -> None:
        """Return once all is kept."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)

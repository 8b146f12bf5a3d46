"""Keeps the builds that were served, behind everything else that goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from spindle.component.cache_files import cache_root
from spindle.executor.assembly import Assembly
from spindle.executor.loading import nice_thread
from spindle.executor.program import build_id
from spindle.replay.kept_builds import KeptBuilds, digest_of


class BuildKeeping:
    """Keeps those of one application; see `spindle.replay.kept_builds`."""

    def __init__(self, manifest: Path) -> None:
        self._builds = KeptBuilds(cache_root() / "builds", manifest)
        self._thread: ThreadPoolExecutor | None = None
        self._kept: set[str] = set()
        self._tidying: Future[None] | None = None

    def note(self, assemblies: Iterable[Assembly], build_of: Callable[[str], str | None]) -> None:
        """Keep what answers now, unless its files are overwritten before; returns at once."""
        if self._thread is None:
            self._thread = nice_thread()
        for assembly in assemblies:
            build = build_of(assembly.component.id)
            if build is not None and build not in self._kept:
                self._thread.submit(self._keep, build, assembly)
        self._tidying = self._thread.submit(self._builds.tidy)

    def _keep(self, build: str, assembly: Assembly) -> None:
        def is_build(digests: Sequence[str]) -> bool:
            around = [digest_of(path) for path in assembly.paths[len(digests) :]]
            whole = assembly.digest_of([*digests, *around])
            return build_id(whole, assembly.component) == build

        if self._builds.keep(build, assembly.component, is_build):
            self._kept.add(build)

    async def close(self) -> None:
        """Return once all is kept."""
        if self._tidying is not None:
            self._tidying.cancel()  # others will
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)

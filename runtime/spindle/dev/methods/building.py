"""`app/build` and `build/status`: having components built, and how they stand to their sources."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from spindle.dev.build_states import (
    FRESH,
    NONE,
    STALE,
    BuildState,
    result_document,
    tell_finished,
    tell_started,
)
from spindle.dev.building import Builder, Records, Result, Step, plan_of
from spindle.dev.control import Json, Method, Params
from spindle.dev.dependency_wits import generate_wit
from spindle.dev.methods import parameters
from spindle.dev.swaps import swapping
from spindle.dev.watching import Kind, changed_since, interests_of
from spindle.errors import SpindleError, UserError
from spindle.text import quoted_list

if TYPE_CHECKING:
    from spindle.dev.host import Host
    from spindle.manifest import Manifest


class NothingToBuild(UserError):
    """What was asked to be built has no build command."""

    code = "nothing-to-build"


def building_methods(host: Host) -> Mapping[str, Method]:
    """The methods on a host's builds."""

    async def build(params: Params) -> object:
        wanted = parameters.texts_or_none(params, "components")
        force = parameters.flag(params, "force")
        results = await _build(host, wanted, force=force)
        return {"components": [{"id": r.id, **result_document(r)} for r in results.values()]}

    async def status(_params: Params) -> object:
        behind = set() if host.watching else await asyncio.to_thread(_behind, host)
        return {
            "watching": host.watching,
            "components": [_status(host, id_, behind) for id_ in host.app.components],
        }

    return {"app/build": build, "build/status": status}


async def _build(host: Host, wanted: list[str] | None, *, force: bool) -> dict[str, Result]:
    """Build, and serve what was built; what came of each component."""
    manifest, root = host.manifest, host.options.source.parent
    built = (
        set() if manifest is None else {id_ for id_, c in manifest.components.items() if c.build}
    )
    if unknown := [id_ for id_ in wanted or () if id_ not in built]:
        raise NothingToBuild(
            f"there is no component {quoted_list(unknown)} that has a build command",
            hints=(f"these have one: {quoted_list(sorted(built)) or 'none'}",),
        )
    chosen = sorted(built if wanted is None else wanted)
    if manifest is None or not chosen:
        return {}
    tell_started(host.bus, chosen)
    builder = Builder(plan_of(manifest, root), Records(root), force=force)
    results = await builder.build(chosen, _Unheard(host, manifest))
    for id_ in chosen:
        result = results.get(id_) or Result(id_, False, reason="a build before it failed")
        host.mark_stale(id_, stale=not result.ok)
        tell_finished(host.bus, result)
    if there := [result.id for result in results.values() if result.ok]:
        try:
            await swapping(host)
        except SpindleError:
            for id_ in there:
                host.mark_stale(id_, stale=True)
            raise
    return results


class _Unheard:
    """Nobody listens to a build while it goes on: what it wrote is told when it is over."""

    def __init__(self, host: Host, manifest: Manifest) -> None:
        self._host = host
        self._manifest = manifest

    def started(self, step: Step) -> None:
        root = self._host.options.source.parent
        generate_wit(step.id, self._manifest, root, self._host.console)

    def command(self, step: Step, number: int, command: str) -> None: ...
    def line(self, step: Step, line: bytes) -> None: ...
    def finished(self, step: Step, result: Result) -> None: ...


def _status(host: Host, id_: str, behind: set[str]) -> Json:
    known = host.builds.known.get(id_) or BuildState(FRESH, host.started_at)
    if host.manifest is None or host.manifest.components[id_].build is None:
        known = BuildState(NONE, host.started_at)
    elif id_ in behind and known.state == FRESH:
        known = known._replace(state=STALE)
    return {"id": id_, **known._asdict()}


def _behind(host: Host) -> set[str]:
    """Components whose sources were saved since they were built, or since the host looked."""
    if host.manifest is None:
        return set()
    interests = interests_of(host.manifest, host.options.source.parent)
    found: set[str] = set()
    for interest in interests:
        if interest.kind is not Kind.SOURCES or interest.component is None:
            continue
        known = host.builds.known.get(interest.component)
        since = host.started_at if known is None else known.since
        if changed_since((interest,), since).by_interest:
            found.add(interest.component)
    return found

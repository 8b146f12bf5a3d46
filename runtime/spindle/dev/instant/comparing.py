"""Comparing a build with the sources that run in its place: its imports, and its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spindle.errors import SpindleError

if TYPE_CHECKING:
    from spindle.dev.control import Method

REPEATED = 3
"""The last exchanges that happen again."""
Json = Mapping[str, Any]


def import_differences(base: Path, artefact: Path) -> Iterator[str]:
    """What one imports and the other doesn't, as sentences."""
    from spindle.wasm import look_at  # only here: a build that is compared comes seldom

    running, built = look_at(base), look_at(artefact)
    if running is None or built is None:
        return
    has, had = set(built.outline.imports), set(running.outline.imports)
    yield from (f"it imports `{name}`, which what runs does not" for name in sorted(has - had))
    yield from (f"it does not import `{name}`, which what runs does" for name in sorted(had - has))


async def exchange_differences(
    methods: Mapping[str, Method], component: str, build: str, artefact: Path
) -> list[str]:
    """What an artefact answers otherwise than a build did lately, as lines.

    Requests that change nothing by convention happen again on it, with a copy of all state. What
    the build itself answers otherwise now, a time say, is no difference.
    """
    where = f"component:{component} build:{build} trigger:http method:GET"
    listed: Any = await _called(methods, "exchange/list", {"where": where, "limit": REPEATED})
    documents = {each["id"]: each for each in listed["exchanges"]}
    found = await _replayed(methods, list(documents), artefact)
    suspects = {id_: said for id_, said in found.items() if said}
    unsteady = await _replayed(methods, list(suspects), None)
    lines = []
    for id_, said in suspects.items():
        places = {place for place, _ in unsteady.get(id_, ())}
        lines += [
            f"{documents[id_]['method']} {documents[id_]['path']}: {line}"
            for place, line in said
            if place not in places
        ]
    return lines


async def _replayed(
    methods: Mapping[str, Method], ids: Sequence[str], against: Path | None
) -> Mapping[str, list[tuple[str, str]]]:
    """By exchange the places of differences, and lines about them; those that can happen again."""
    if not ids:
        return {}
    params = {"ids": ids, "against": None if against is None else str(against)}
    answer: Any = await _called(methods, "exchange/replay", params)
    return {
        id_: list(_told(each["differences"]))
        for id_, each in zip(ids, answer["replays"], strict=True)
        if "differences" in each
    }


def _told(differences: Sequence[Json]) -> Iterator[tuple[str, str]]:
    from spindle.replay import Difference
    from spindle.replay.difference_text import difference_lines

    for each in differences:
        difference = Difference(**each)
        yield difference.place, "\n".join(difference_lines([difference]))


async def _called(methods: Mapping[str, Method], name: str, params: Json) -> object:
    answer: Any = methods[name](params)
    return await answer


async def all_differences(
    methods: Mapping[str, Method], component: str, build: str, base: Path, artefact: Path
) -> list[str]:
    """Everything that an artefact has otherwise than what runs; nothing if that can't be known."""
    found = await asyncio.to_thread(lambda: list(import_differences(base, artefact)))
    try:
        found += await exchange_differences(methods, component, build, artefact)
    except SpindleError as error:
        found.append(f"what was answered lately can't be asked again: {error.message}")
    return found

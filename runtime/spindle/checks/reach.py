"""Whether every route has a path that no other route takes before it.

A route is tried with the paths that fewest other routes match: its own text, with names nobody
writes for what its params and wildcard stand for. If others take all of those, it is never reached.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, product

from spindle.routes import Kind, Route, Router, parse_route

_NAME = "\N{OBJECT REPLACEMENT CHARACTER}"
"""What no route's text holds."""
_FOR_PARAM = (_NAME, f"{_NAME}.{_NAME}", "")
_FOR_WILDCARD = ("", _NAME, f"{_NAME}/{_NAME}", f"{_NAME}.{_NAME}", f"{_NAME}/" * 8 + _NAME)
MOST_TRIED = 60
"""Paths tried for one route: those of few params are all tried."""


@lru_cache(maxsize=8)
def unreached(raws: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The routes that are never reached, as written, each with those that take its paths.

    Of routes that match the same paths only the first is looked at.
    """
    by_first: dict[str | None, list[Route]] = defaultdict(list)
    for route in _distinct(map(parse_route, raws)):
        by_first[_first(route)].append(route)
    # Text is tried before params and wildcards, so they take nothing from it; dots may.
    dots = [route for route in by_first[None] if _begins_with(route, Kind.DOT)]
    found: dict[str, tuple[str, ...]] = {}
    for first, alike in by_first.items():
        rivals = alike if first is None else [*alike, *dots]
        if len(rivals) > 1:
            router = Router((route, route.raw) for route in rivals)
            found |= {route.raw: takers for route in alike if (takers := _takers(router, route))}
    return found


def _distinct(routes: Iterable[Route]) -> list[Route]:
    first: dict[object, Route] = {}
    for route in routes:
        if not route.wildcard_before_end and route.matches_itself:
            first.setdefault(route.shape, route)
    return list(first.values())


def _begins_with(route: Route, kind: Kind) -> bool:
    return bool(route.segments) and route.segments[0].kind is kind


def _first(route: Route) -> str | None:
    """The text that every path of a route begins with, up to a slash or dot."""
    if not _begins_with(route, Kind.EXACT):
        return None
    return re.split(r"[/.]", route.segments[0].text)[0]


def _takers(router: Router[str], route: Route) -> tuple[str, ...]:
    """The routes that take all paths of one, unless one is left to it."""
    takers: dict[str, None] = {}
    for path in islice(_paths(route), MOST_TRIED):
        match = router.match(path)
        if match is None or match.target == route.raw:
            return ()
        takers[match.target] = None
    return tuple(takers)


def _paths(route: Route) -> Iterator[str]:
    """Paths that a route matches."""
    parts: list[tuple[str, ...]] = []
    for segment in route.segments:
        match segment.kind:
            case Kind.EXACT:
                parts.append((segment.text,))
            case Kind.PARAM:
                parts.append(_FOR_PARAM)
            case Kind.WILDCARD:
                parts.append(_FOR_WILDCARD)
            case Kind.SLASH | Kind.DOT:
                parts.append((segment.kind.value,))
    for chosen in product(*parts):
        path = "".join(chosen)
        if route.pattern.fullmatch(path.strip("/")):
            yield f"/{path}"

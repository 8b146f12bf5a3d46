"""Routes of the HTTP trigger: their grammar, their precedence, and matching a path against them.

Theory of operation. A route is cut at every `/` and `.` into segments:

* `EXACT` free text (dots inside it included) matches itself,
* `PARAM` (`:name`) captures up to the next `/`, or the next `.` if a dot follows it in the route,
* `WILDCARD` (`*`, or a final `/...`) captures the rest and may be empty,
* `SLASH` and `DOT` separate them.

Slashes around the route and around the path don't count. Routes are tried in precedence order, and
the first that matches wins. Nothing is percent-decoded; case matters; query, method and host don't.

These are the semantics of Spin's router, surprises included, with two exceptions: a wildcard
before the end makes Spin drop the connection of each request that reaches it, here such a route
matches nothing; and a segment after non-ASCII text keeps its slash. A segment that starts with a
dot is glued to the text before it, so that `/a/.b` matches only `/a.b`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import Generic, NamedTuple, TypeVar

WELL_KNOWN_PREFIX = "/.well-known/spin/"
"""Paths under it are answered by the host and never reach a route."""

Target = TypeVar("Target")
"""Whatever a router's user wants back from a match."""


class RouteError(ValueError):
    """A route's text follows no grammar; the message is Spin's, without the route."""


class Kind(Enum):
    """What a segment of a route matches."""

    SLASH = "/"
    DOT = "."
    EXACT = "text"
    PARAM = ":"
    WILDCARD = "*"


class Segment(NamedTuple):
    """One piece of a route; `text` is the literal of `EXACT` and the name of `PARAM`."""

    kind: Kind
    text: str = ""


@dataclass(frozen=True)
class Route:
    """A parsed route pattern."""

    raw: str
    """The pattern as written."""
    based: str
    """The pattern with its leading slash and without one trailing slash: `/` is empty."""
    segments: tuple[Segment, ...]

    @property
    def wildcard(self) -> bool:
        """Whether the pattern ends in `/...` or `/*`."""
        return self.based.endswith(("/...", "/*"))

    @property
    def path(self) -> str:
        """The pattern without its final wildcard, never empty."""
        return self.based.removesuffix("/...").removesuffix("/*") or "/"

    @property
    def prefix(self) -> str:
        """The pattern as written without a final `/...`; a `/*` stays, as in Spin."""
        return self.raw.removesuffix("/...")

    @property
    def reserved(self) -> bool:
        """Whether the host answers every path of this route itself."""
        return self.based.startswith(WELL_KNOWN_PREFIX)

    @cached_property
    def shape(self) -> tuple[Segment, ...]:
        """The segments without param names: equal shapes match exactly the same paths."""
        return tuple(
            Segment(Kind.PARAM) if segment.kind is Kind.PARAM else segment
            for segment in self.segments
        )

    @cached_property
    def params(self) -> tuple[str, ...]:
        """The names of the params, left to right."""
        return tuple(s.text for s in self.segments if s.kind is Kind.PARAM)

    @property
    def wildcard_before_end(self) -> bool:
        """Whether a `*` stands where only a final one works."""
        return any(s.kind is Kind.WILDCARD for s in self.segments[:-1])

    @property
    def matches_itself(self) -> bool:
        """Whether the path one would expect from the text, params filled in, is matched."""
        path = self.based.removesuffix("/...").removesuffix("/*")
        sample = re.sub(r"(^|[/.]):[^/.]+", r"\1x", path)
        return self.pattern.fullmatch(re.sub(r"/+", "/", sample).strip("/")) is not None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a path stripped of its outer slashes must match in full; one group a capture."""
        if self.wildcard_before_end:
            return _NOTHING
        return re.compile("".join(self._expressions()), re.DOTALL)

    def _expressions(self) -> Iterable[str]:
        kinds = [segment.kind for segment in self.segments] + [None, None]
        for i, segment in enumerate(self.segments):
            match segment.kind:
                case Kind.EXACT:
                    yield re.escape(segment.text)
                case Kind.DOT:
                    yield r"\."
                case Kind.SLASH:
                    # `/foo/...` also takes `/foo`: the wildcard brings its slash along.
                    yield "" if kinds[i + 1] is Kind.WILDCARD else "/"
                case Kind.PARAM:
                    yield r"([^./]*)" if kinds[i + 1] is Kind.DOT else r"(?=.)([^/]*)"
                case Kind.WILDCARD:
                    yield "(?:/(.*))?" if i and kinds[i - 1] is Kind.SLASH else "(.*)"


_NOTHING = re.compile("(?!)")


@lru_cache(4096)
def parse_route(raw: str) -> Route:
    """Parse a pattern as written in a manifest; raises `RouteError`."""
    based = (raw if raw.startswith("/") else f"/{raw}").removesuffix("/")
    text = f"{based.removesuffix('/...')}/*" if based.endswith("/...") else based
    return Route(raw, based, tuple(_segments(text.strip("/"))))


def _segments(text: str) -> list[Segment]:
    segments: list[Segment] = []
    pieces = re.split(r"([/.])", text)
    for before, piece in zip([None, *pieces[1::2]], pieces[::2], strict=True):
        segment = _segment(piece)
        if before == ".":
            if segments and segments[-1].kind is Kind.EXACT:
                segments[-1] = Segment(Kind.EXACT, segments[-1].text + ".")
            else:
                segments.append(Segment(Kind.DOT))
        if segment is None:
            continue
        if before == "/":
            segments.append(Segment(Kind.SLASH))
        segments.append(segment)
    return segments


def _segment(piece: str) -> Segment | None:
    match piece[:1]:
        case "":
            return None
        case "*" if len(piece) > 1:
            raise RouteError(
                "since there can only be one wildcard, it doesn't need a name. "
                f"replace `{piece}` with `*`"
            )
        case "*":
            return Segment(Kind.WILDCARD)
        case ":" if len(piece) == 1:
            raise RouteError("params must be named")
        case ":":
            return Segment(Kind.PARAM, piece[1:])
    return Segment(Kind.EXACT, piece)


class RouteMatch(NamedTuple, Generic[Target]):
    """A path that found its route."""

    route: Route
    target: Target
    params: dict[str, str]
    """Captures by name, percent-encoded as they came; of equal names the last one stays."""
    path_info: str
    """What the final wildcard took, with its leading and any trailing slash, else empty."""


class DuplicateRoute(NamedTuple, Generic[Target]):
    """Two routes written alike: `replaced` is never used, `effective` is."""

    route: Route
    replaced: Target
    effective: Target


_REMEMBERED_LENGTH = 255
"""Characters of the longest path whose route is remembered."""


class Router(Generic[Target]):
    """Routes in the order they are tried, each leading to a target of the caller's.

    Of routes written alike the last one's target takes the first one's place. Of routes that
    match the same paths but are written differently the first one wins.
    """

    def __init__(self, routes: Iterable[tuple[Route, Target]]) -> None:
        self.duplicates: list[DuplicateRoute[Target]] = []
        self.routes: list[tuple[Route, Target]] = []
        """Every effective route, in match order."""
        for route, target in self._effective(routes).values():
            self.routes.insert(self._place(route), (route, target))
        self._patterns = [(route.pattern.fullmatch, route, target) for route, target in self.routes]
        self._remembered = lru_cache(maxsize=1024)(self._match)

    def match(self, path: str) -> RouteMatch[Target] | None:
        """The route that takes a raw, still percent-encoded path (no query), if any.

        What it gives may be given again and must not be changed.
        """
        return self._remembered(path) if len(path) <= _REMEMBERED_LENGTH else self._match(path)

    def _match(self, path: str) -> RouteMatch[Target] | None:
        trimmed = path.strip("/")
        for fullmatch, route, target in self._patterns:
            if (found := fullmatch(trimmed)) is not None:
                return _route_match(route, target, found, path)
        return None

    def _effective(self, routes: Iterable[tuple[Route, Target]]) -> dict[str, tuple[Route, Target]]:
        effective: dict[str, tuple[Route, Target]] = {}
        for route, target in routes:
            if (replaced := effective.get(route.raw)) is not None:
                self.duplicates.append(DuplicateRoute(route, replaced[1], target))
            effective[route.raw] = (route, target)
        return effective

    def _place(self, route: Route) -> int:
        for i, (other, _) in enumerate(self.routes):
            if _precedes(route, other):
                return i
        return len(self.routes)


def _route_match(
    route: Route, target: Target, found: re.Match[str], path: str
) -> RouteMatch[Target]:
    captures = found.groups("")
    params = dict(zip(route.params, captures, strict=False))
    if len(captures) == len(route.params):
        return RouteMatch(route, target, params, "")
    rest = captures[-1]
    slash = "/" if path.endswith("/") else ""
    return RouteMatch(route, target, params, f"/{rest}{slash}" if rest else slash)


_STRENGTH = {Kind.EXACT: 3, Kind.PARAM: 2, Kind.WILDCARD: 1, Kind.SLASH: 0, Kind.DOT: 0}


def _precedes(newcomer: Route, other: Route) -> bool:
    """Whether a route is tried before one that was declared earlier.

    The first unequal pair of segments decides (a newcomer's dot beats text, though text also beats
    a dot), then more dots, then fewer segments; on a tie the earlier declaration stays first.
    """
    for mine, theirs in zip(newcomer.segments, other.segments, strict=False):
        if mine.kind is theirs.kind or {mine.kind, theirs.kind} == {Kind.SLASH, Kind.DOT}:
            continue
        return mine.kind is Kind.DOT or _STRENGTH[mine.kind] > _STRENGTH[theirs.kind]
    mine_dots, their_dots = _dots(newcomer), _dots(other)
    if mine_dots != their_dots:
        return mine_dots > their_dots
    return len(newcomer.segments) < len(other.segments)


def _dots(route: Route) -> int:
    return sum(segment.kind is Kind.DOT for segment in route.segments)

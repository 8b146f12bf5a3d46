"""Routes with what they did, and which of them a URL meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from spindle.client import Matched, RouteInfo, RouteStats
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.lines import Line
from spindle_tui.model.prose import BLANK, line, named, title

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class RouteRow(NamedTuple):
    """A route and what it did."""

    route: RouteInfo
    stats: RouteStats | None

    @property
    def pattern(self) -> str:
        return one_line(self.route.pattern)

    @property
    def answers(self) -> str:
        """Who answers there."""
        return one_line(self.route.component or "(the host)")

    @property
    def error_share(self) -> str:
        """How many failed: `3 (12%)`; empty for none."""
        if self.stats is None or not self.stats.errors:
            return ""
        share = self.stats.errors / max(self.stats.count, 1)
        return f"{self.stats.errors:,} ({'<1%' if share < 0.01 else f'{share:.0%}'})"


def route_rows(routes: Sequence[RouteInfo], stats: Mapping[str, RouteStats]) -> list[RouteRow]:
    """Routes as they are tried."""
    return [RouteRow(route, stats.get(route.id)) for route in routes]


class Asked(NamedTuple):
    """A request to try: what a person typed."""

    method: str
    url: str


def asked(text: str) -> Asked | None:
    """`/path`, `POST /path`, `http://host/path`; None for nothing."""
    first, _, rest = text.strip().partition(" ")
    if not first:
        return None
    method, url = (first.upper(), rest) if first.upper() in METHODS else ("GET", text)
    return Asked(method, _absolute(url.strip()))


def _absolute(url: str) -> str:
    """A path begins with `/`, whether or not somebody types it."""
    return url if "://" in url or url.startswith("/") else f"/{url}"


def match_lines(matched: Matched) -> list[Line]:
    """Which route gets a URL and why, and why the others don't."""
    return [*_headline(matched), *_given(matched), *_tried(matched)]


def _headline(matched: Matched) -> list[Line]:
    why = one_line(matched.why, 400)
    if matched.matched is None:
        return [line(("✗ no route  ", "bad"), why)]
    target = one_line(matched.component or "(the host)")
    route = one_line(matched.route or "")
    return [line((f"✓ {route}", "good"), "  →  ", (target, "key")), line(("  " + why, "dim"))]


def _given(matched: Matched) -> list[Line]:
    """What the request is given on its way."""
    if matched.matched is None:
        return []
    pairs = [(f":{name}", value) for name, value in matched.params.items()]
    if matched.path_info:
        pairs.append(("path info", matched.path_info))
    pairs += matched.headers
    cleaned = [(one_line(name), one_line(value, 400)) for name, value in pairs]
    width = max((len(name) for name, _ in cleaned), default=0)
    block = [named(name, value, width) for name, value in cleaned]
    return [BLANK, title("The guest is told"), *block] if block else []


def _tried(matched: Matched) -> list[Line]:
    others = [each for each in matched.tried if each.id != matched.matched]
    if not others:
        return []
    width = min(max(len(one_line(each.route)) for each in others), 30)
    lines = [
        line(
            ("  · " if each.matches else "  ✗ ", "dim"),
            f"{one_line(each.route):<{width}}  ",
            (one_line(each.why, 400), "dim"),
        )
        for each in others
    ]
    return [BLANK, title("The others"), *lines]

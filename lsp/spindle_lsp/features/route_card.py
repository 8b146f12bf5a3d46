"""What a route matches, in words and by examples."""

from __future__ import annotations

from collections.abc import Iterator

from spindle.manifest import HttpTrigger, Manifest
from spindle.routes import Kind, Route, RouteError, Router, parse_route

MOST = 50
"""Routes that are compared with one; more would not be read."""
_REST = "a/b"


def card_of_route(text: str, manifest: Manifest | None) -> str:
    """Markdown about a route of a manifest."""
    try:
        route = parse_route(text)
    except RouteError as error:
        return f"**`{text}`** is no route: {error}"
    lines = [f"**`{text}`** · {_kind(route)}"]
    if route.wildcard_before_end:
        return f"{lines[0]}\n\nIt matches nothing: a wildcard stands before the end."
    if route.reserved:
        lines.append("The host answers every path under it itself, so that it is never reached.")
    lines.append(_examples(route))
    lines += [
        f"`:{name}` is passed as the header `spin-path-match-{name}`." for name in route.params
    ]
    rivals = _with_rivals(route, manifest)
    place = next(n for n, rival in enumerate(rivals) if rival.raw == text)
    if before := rivals[:place]:
        lines.append(f"Tried before it: {_listed(before, manifest)}.")
    if after := rivals[place + 1 :]:
        lines.append(f"Tried after it: {_listed(after, manifest)}.")
    return "\n\n".join(lines)


def effective(route: Route) -> str:
    """A route as it is understood: with its leading slash, and `/...` for a wildcard."""
    base = route.path if route.path != "/" or not route.wildcard else ""
    return f"{base}/..." if route.wildcard else base


def samples(route: Route) -> list[str]:
    """Paths that a route matches; none if it matches nothing."""
    found = dict.fromkeys(_filled(route, rest) for rest in ("", _REST))
    return [path for path in found if route.pattern.fullmatch(path.strip("/")) is not None]


def _filled(route: Route, rest: str) -> str:
    text = ""
    for segment in route.segments:
        match segment.kind:
            case Kind.PARAM:
                text += "42" if segment.text.endswith("id") else segment.text
            case Kind.WILDCARD:
                text += rest
            case Kind.EXACT:
                text += segment.text
            case other:
                text += other.value
    return "/" + text.rstrip("/")


def _kind(route: Route) -> str:
    if route.wildcard:
        return "every path under it" if route.path != "/" else "every path no other route takes"
    return "one segment a param" if route.params else "this path alone"


def _examples(route: Route) -> str:
    shown = [f"- `{path}`" for path in samples(route)]
    if not shown:
        return "It doesn't match the path it spells."
    if not route.wildcard:
        shown.append(f"- `{samples(route)[0].rstrip('/')}/`")
    return "Matches, for example\n" + "\n".join(dict.fromkeys(shown))


def _routes(manifest: Manifest | None) -> Iterator[tuple[Route, HttpTrigger]]:
    for trigger in manifest.triggers.get("http", ()) if manifest is not None else ():
        if isinstance(trigger, HttpTrigger) and isinstance(trigger.route, str):
            try:
                yield parse_route(trigger.route), trigger
            except RouteError:
                continue


def _with_rivals(route: Route, manifest: Manifest | None) -> list[Route]:
    """The route and those that match some of the same paths, in the order they are tried."""
    mine = [path.strip("/") for path in samples(route)]
    found: dict[str, Route] = {}
    for other, _ in _routes(manifest):
        theirs = (path.strip("/") for path in samples(other))
        if other.raw == route.raw or (
            any(map(other.pattern.fullmatch, mine)) or any(map(route.pattern.fullmatch, theirs))
        ):
            found[other.raw] = other
            if len(found) == MOST:
                break
    found.setdefault(route.raw, route)
    return [one for one, _ in Router((one, None) for one in found.values()).routes]


def _listed(routes: list[Route], manifest: Manifest | None) -> str:
    owners = {route.raw: trigger.component_id for route, trigger in _routes(manifest)}
    shown = [
        f"`{route.raw}`" + (f" (`{owner}`)" if (owner := owners.get(route.raw)) else "")
        for route in routes[:5]
    ]
    more = f" and {len(routes) - 5} more" if len(routes) > 5 else ""
    return ", ".join(shown) + more

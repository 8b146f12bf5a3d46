"""`app/match`: where a URL goes, and why it does not go elsewhere; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from urllib.parse import quote, urlsplit

from spindle.app import HttpTrigger
from spindle.dev.control import BadParams, Json
from spindle.dev.methods.routing import executor_of
from spindle.messages import Request
from spindle.routes import WELL_KNOWN_PREFIX, Route, RouteMatch, Router, Target, parse_route
from spindle.trigger.http.headers import injected_headers

_LEFT_ALONE = "%/:?@!$&'()*+,;=~[]-._"
"""Characters of URLs that are not escaped, besides letters and digits."""


def matched(
    router: Router[Target], triggers: Mapping[str, HttpTrigger], url: str, method: str
) -> Json:
    """Which route takes a URL or a path, what it captures, and what of the others."""
    request = _request(url, method)
    path = request.path_with_query.partition("?")[0]
    if path.startswith(WELL_KNOWN_PREFIX):
        why = f"the host answers paths under `{WELL_KNOWN_PREFIX}` itself"
        return _document(None, None, None, why, None)
    found = router.match(path)
    tried = list(_tried(router, triggers, path, found))
    if found is None:
        return _document(None, None, None, "no route matches, so the answer is 404", None, tried)
    trigger, route = triggers[found.route.raw], found.route
    why = "the host answers with the trigger's static response"
    if trigger.component is not None:
        why = f"`{route.raw}` is the first route that matches"
    return _document(trigger, route, found, why, request, tried)


def _document(
    trigger: HttpTrigger | None,
    route: Route | None,
    found: RouteMatch[Target] | None,
    why: str,
    request: Request | None,
    tried: list[Json] | None = None,
) -> Json:
    headers: list[list[str]] = []
    if trigger and found and request and executor_of(trigger) == "http":
        added = injected_headers(request, found)
        headers = [[name.decode(), text.decode("utf-8", "replace")] for name, text in added]
    return {
        "matched": None if trigger is None else trigger.id,
        "route": None if route is None else route.raw,
        "component": None if trigger is None else trigger.component,
        "why": why,
        "params": {} if found is None else dict(found.params),
        "path_info": "" if found is None else found.path_info,
        "headers": headers,
        "tried": tried or [],
    }


def _tried(
    router: Router[Target],
    triggers: Mapping[str, HttpTrigger],
    path: str,
    found: RouteMatch[Target] | None,
) -> Iterator[Json]:
    """What comes of each route, in order; also of those behind the one that matches."""
    winner: Route | None = None
    for route, _ in router.routes:
        matches = route.pattern.fullmatch(path.strip("/")) is not None
        if not matches:
            why = why_not(route, path)
        elif winner is None:
            winner, why = route, "it matches, and is tried first"
        else:
            why = f"it matches as well, but `{winner.raw}` is tried before it"
        trigger = triggers[route.raw]
        yield {"id": trigger.id, "route": route.raw, "matches": matches, "why": why}


def why_not(route: Route, path: str) -> str:
    """Why a route does not match a path, in words."""
    if route.wildcard_before_end:
        return "it has a wildcard before its end, and matches nothing"
    wanted = [part for part in route.path.split("/") if part]
    given = [part for part in path.split("/") if part]
    for number, (want, have) in enumerate(zip_longest(wanted, given), 1):
        if have is None:
            return f"the path ends before `{want}`"
        if want is None:
            break
        if parse_route(want).pattern.fullmatch(have) is None:
            return f"part {number} of the path is `{have}`, not `{want}`"
    if len(given) > len(wanted) and not route.wildcard:
        rest = "/".join(given[len(wanted) :])
        return f"the path goes on with `/{rest}`, and the route has no `/...`"
    return "the path is of another shape"


def _request(url: str, method: str) -> Request:
    """What a client that is given a URL asks."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BadParams(f"`url` is no URL: {error}") from None
    host = parts.netloc or "localhost"
    path = quote(parts.path or "/", safe=_LEFT_ALONE)
    if not path.startswith("/"):
        raise BadParams(f"`{url}` is neither a URL nor a path, which begins with `/`")
    query = f"?{quote(parts.query, safe=_LEFT_ALONE)}" if parts.query else ""
    headers = [(b"host", host.encode("utf-8", "replace"))]
    request = Request(method, parts.scheme or "http", None, path + query, headers)
    request.client = ("127.0.0.1", 0)
    return request

"""Rules about the routes of HTTP triggers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from spindle.checks.reach import unreached
from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic
from spindle.manifest import HttpTrigger
from spindle.manifest.model import PrivateRoute
from spindle.outbound_hosts import (
    SERVICE_CHAINING_SUFFIX,
    OutboundHost,
    OutboundHostError,
    parse_outbound_host,
)
from spindle.routes import Route, RouteError, Segment, parse_route
from spindle.text import Span


class _Routed(NamedTuple):
    """A trigger with a well-formed route."""

    route: Route
    trigger: HttpTrigger

    @property
    def owner(self) -> str:
        """What to call it."""
        return self.trigger.component_id or self.trigger.id

    @property
    def span(self) -> Span:
        """Where the route stands."""
        return self.trigger.at("route")


def _routed(subject: Subject) -> Iterator[_Routed]:
    for trigger in subject.manifest.triggers.get("http", ()):
        if not isinstance(trigger, HttpTrigger) or not isinstance(trigger.route, str):
            continue
        try:
            route = parse_route(trigger.route)
        except RouteError:
            continue
        yield _Routed(route, trigger)


def duplicate_route(subject: Subject) -> Iterator[Diagnostic]:
    """Two triggers have one route: only the last is used."""
    last = {routed.route.raw: routed for routed in _routed(subject)}
    for routed in _routed(subject):
        used = last[routed.route.raw]
        if used.trigger is not routed.trigger:
            yield subject.warning(
                "duplicate-route",
                f"`{routed.owner}` is never reached at `{routed.route.raw}`: "
                f"`{used.owner}` has the same route",
                routed.span,
                "remove one of the two triggers, or change its route",
                ("this one is used, because it comes last", used.span),
            )


def near_duplicate_route(subject: Subject) -> Iterator[Diagnostic]:
    """Two routes are written differently but match the same paths: only the first is used."""
    first: dict[tuple[Segment, ...], _Routed] = {}
    for routed in _routed(subject):
        used = first.setdefault(routed.route.shape, routed)
        if used.route.raw != routed.route.raw:
            yield subject.warning(
                "near-duplicate-route",
                f"`{routed.owner}` is never reached at `{routed.route.raw}`: "
                f"`{used.route.raw}` of `{used.owner}` matches the same paths",
                routed.span,
                "remove one of the two triggers, or change its route",
                ("this one is used, because it comes first", used.span),
            )


def unreachable_route(subject: Subject) -> Iterator[Diagnostic]:
    """Other routes, tried before it, take every path of a route."""
    routed = list(_routed(subject))
    by_route = {each.route.raw: each for each in reversed(routed)}
    for raw, takers in unreached(tuple(each.route.raw for each in routed)).items():
        mine, others = by_route[raw], [by_route[taker] for taker in takers]
        names = " and ".join(f"`{other.route.raw}` of `{other.owner}`" for other in others)
        yield subject.warning(
            "unreachable-route",
            f"`{mine.owner}` is never reached at `{raw}`: {names} "
            f"{'takes' if len(others) == 1 else 'take'} all its paths",
            mine.span,
            "remove one of the triggers, or change its route",
            *(("this one is tried first", other.span) for other in others),
        )


def unreachable_private_component(subject: Subject) -> Iterator[Diagnostic]:
    """A component is private, and no component may call it."""
    hosts = list(_called_hosts(subject))
    for trigger in subject.manifest.triggers.get("http", ()):
        id_ = trigger.component_id
        route = getattr(trigger, "route", None)
        if id_ is None or not isinstance(route, PrivateRoute) or not route.private:
            continue
        name = f"{id_}{SERVICE_CHAINING_SUFFIX}"
        if not any(host is None or host.allows("http", name, None) for host in hosts):
            yield subject.warning(
                "unreachable-private-component",
                f"nothing reaches the component `{id_}`: it is private, and no component may call "
                "it",
                trigger.at("route"),
                f'add `"http://{name}"` to the `allowed_outbound_hosts` of its callers',
            )


def _called_hosts(subject: Subject) -> Iterator[OutboundHost | None]:
    """Where components may connect to; None for what only variables tell."""
    for component in subject.manifest.components.values():
        for text in component.allowed_outbound_hosts:
            if "{{" in text:
                yield None
                continue
            try:
                yield parse_outbound_host(text)
            except OutboundHostError:
                continue


def wildcard_before_end(subject: Subject) -> Iterator[Diagnostic]:
    """A wildcard stands before the end: the route matches nothing, and makes Spin panic."""
    for routed in _routed(subject):
        if routed.route.wildcard_before_end:
            yield subject.warning(
                "route-wildcard-before-end",
                f"the route `{routed.route.raw}` has a wildcard before its end and matches nothing",
                routed.span,
                "name the segment (`/a/:name/b`), or end the route with the wildcard (`/a/...`)",
            )


def route_never_matches(subject: Subject) -> Iterator[Diagnostic]:
    """A route doesn't match the very path it spells."""
    for routed in _routed(subject):
        if routed.route.wildcard_before_end or routed.route.matches_itself:
            continue
        if "/.../" in routed.route.raw:
            why, help_text = (
                "`...` is a wildcard only at the end",
                "name the segment (`/a/:name/b`)",
            )
        else:
            why = "a dot after a slash joins it to the text before"
            help_text = "only the first segment can begin with a dot"
        yield subject.warning(
            "route-never-matches",
            f"the route `{routed.route.raw}` doesn't match the path it spells: {why}",
            routed.span,
            help_text,
        )


def route_without_slash(subject: Subject) -> Iterator[Diagnostic]:
    """A route doesn't begin with a slash, which is then added."""
    for routed in _routed(subject):
        if not routed.route.raw.startswith("/"):
            yield subject.warning(
                "route-without-slash",
                f"the route `{routed.route.raw}` doesn't begin with a slash",
                routed.span,
                f"write `/{routed.route.raw}`, which is how it is understood",
                fix=subject.instead(routed.span, f"/{routed.route.raw}", safe=True),
            )


def reserved_route(subject: Subject) -> Iterator[Diagnostic]:
    """A route lies where the host answers itself."""
    for routed in _routed(subject):
        if routed.route.reserved:
            yield subject.warning(
                "reserved-route",
                "Routes under /.well-known/spin/ are handled by the Spin runtime and will never "
                "be reached",
                routed.span,
                "choose another route",
            )

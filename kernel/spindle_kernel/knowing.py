"""What there is to complete in a session: asked of its application, and of its namespace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spindle.door import App
from spindle.errors import SpindleError
from spindle.exchange import complete
from spindle.typed import GuestResource, TypedComponent
from spindle.typed import Namespace as Exports
from spindle_kernel.completion import Known
from spindle_kernel.session import NAME, Unopened


def known_of(namespace: Mapping[str, Any]) -> Known:
    """What a notebook knows; an application that is not open yet is not opened for it."""

    def routes() -> Iterable[str]:
        found = _asked("routes")
        return sorted(
            each.route.rstrip("/") + "/" if each.wildcard else each.route for each in found
        )

    def components() -> Iterable[str]:
        return [component.id for component in _asked("components")]

    def interfaces() -> Iterable[str]:
        return sorted(
            {name.partition("@")[0] for each in _asked("components") for name in each.imports}
        )

    def _asked(what: str) -> Iterable[Any]:
        app = namespace.get(NAME)
        if not isinstance(app, App):
            return ()
        try:
            found: Iterable[Any] = getattr(app, what)()
        except SpindleError:
            return ()
        return found

    def keys(store: str, prefix: str) -> Iterable[str]:
        app = namespace.get(NAME)
        return app.kv(store).keys_from(prefix) if isinstance(app, App) else ()

    def filters(text: str) -> tuple[int, Sequence[str]]:
        found = complete(text, len(text), {"component": list(components())})
        start = min((each.start for each in found), default=len(text))
        return start, [each.text for each in found if each.start == start]

    def attributes(dotted: str) -> Iterable[str]:
        return attributes_of(namespace, dotted)

    return Known(routes, components, interfaces, keys, attributes, filters)


_OPEN = (App, TypedComponent, Exports, GuestResource, Unopened)
"""Whose attributes are safe to ask for: they compute nothing."""


def attributes_of(namespace: Mapping[str, Any], dotted: str) -> list[str]:
    """The attributes of what a dotted name stands for, if that is one of ours."""
    root, *steps = dotted.split(".")
    found = namespace.get(root)
    for step in steps:
        if not isinstance(found, _OPEN) or step not in dir(found):
            return []
        found = getattr(found, step)
    if isinstance(found, type) and issubclass(found, GuestResource):
        return [name for name in dir(found) if not name.startswith("_")]
    if not isinstance(found, _OPEN):
        return []
    return [name for name in dir(found) if not name.startswith("_")]

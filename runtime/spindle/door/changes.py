"""That another state of an application is served."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from spindle.events import Event, EventKind


class ChangeTeller:
    """Listens to a host, and tells somebody of its changes."""

    KINDS: ClassVar = (EventKind.APP_CHANGED,)

    def __init__(self, tell: Callable[[], object]) -> None:
        self._tell = tell

    def put(self, _event: Event) -> None:
        """Take an event; called by the bus."""
        self._tell()

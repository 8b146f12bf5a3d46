"""What becomes of builds, in lines."""

from __future__ import annotations

from typing import Any, ClassVar

from spindle.door.quiet import Tell
from spindle.events import Event, EventKind
from spindle.text import quoted_list


class BuildTeller:
    """Listens to a host, and tells somebody of its builds."""

    KINDS: ClassVar = (EventKind.BUILD_STARTED, EventKind.BUILD_FINISHED)

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def put(self, event: Event) -> None:
        """Take an event; called by the bus."""
        data: Any = event.data
        if event.kind is EventKind.BUILD_STARTED:
            self._tell(f"building {quoted_list(data['components'])} …")
        else:
            self._tell(_outcome(data))


def _outcome(data: Any) -> str:
    name = f"`{data['component']}`"
    if not data["ok"]:
        return f"{name} was not built: {data['reason']}"
    if data["fresh"]:
        return f"{name} is as its sources are"
    return f"{name} was built in {data['took']:.1f} s"

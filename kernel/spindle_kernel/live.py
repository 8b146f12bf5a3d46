"""What takes its time is shown as it comes: the responses that a cell waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any, Protocol

from spindle.errors import SpindleError

PATIENCE = 0.3
"""Seconds after which something takes its time, and between two looks at it."""

LOOKS = 10
"""After so many a response is shown that does not grow: it waits for something."""

Show = Callable[[dict[str, str], str, bool], None]
"""Shows what there is, by media type, under an id; whether in place of what was shown before."""


class HasOpened(Protocol):
    """A session."""

    @property
    def opened(self) -> Any:
        """Its application, if one is open."""
        ...


class Live:
    """Looks, while a cell runs, at what the guests of its application have answered so far."""

    def __init__(self, session: HasOpened, show: Show) -> None:
        self._session = session
        self._show = show
        self._over = threading.Event()
        self._watching: threading.Thread | None = None

    def begin(self, _info: object = None) -> None:
        """A cell begins."""
        if (underway := getattr(self._session.opened, "underway", None)) is None:
            return
        self._over = threading.Event()
        self._watching = threading.Thread(
            target=self._watch, args=(underway, self._over), name="live", daemon=True
        )
        self._watching.start()

    def end(self, _result: object = None) -> None:
        """It is over."""
        self._over.set()
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.join(PATIENCE)  # an application that is being closed may not answer

    def _watch(self, underway: Callable[[], list[dict[str, Any]]], over: threading.Event) -> None:
        """Show what is being answered; of what was shown, a line is left."""
        from spindle_kernel.display.exchanges import progress_bundle

        seen: dict[str, int] = {}
        """How often each was looked at."""
        shown: dict[str, dict[str, Any]] = {}
        known: dict[str, dict[str, Any]] = {}
        try:
            while not over.wait(PATIENCE):
                found = {each["id"]: each for each in underway() if each["output"] is not None}
                for id_, document in found.items():
                    seen[id_] = seen.get(id_, 0) + 1
                    before = known.setdefault(id_, document)
                    is_late = id_ not in shown and seen[id_] >= LOOKS
                    if is_late or _grew(shown.get(id_, before), document):
                        self._show(progress_bundle(document), id_, id_ in shown)
                        shown[id_] = document
        except (SpindleError, CancelledError):
            pass  # the cell closed the application
        for id_, document in shown.items():
            self._show(progress_bundle(document, over=True), id_, True)


def _grew(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether there is more to show."""
    size, then = (int(each["output"]["body"]["size"]) for each in (now, before))
    return size != then

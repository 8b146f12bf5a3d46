"""Live cells: when another state of the application is served, their answers are had anew.

Expressions are evaluated on the notebook's thread while no cell runs; answers are waited for on
another, so that a guest that does not answer keeps nobody from running cells.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from spindle.errors import SpindleError
from spindle_kernel.session import Session

if TYPE_CHECKING:
    from spindle.history import HttpText

Show = Callable[[Any, str, bool], None]
"""Shows something under an id; whether in place of what was shown before."""


class LiveCells:
    """Keeps what live cells show as the application is."""

    def __init__(
        self, session: Session, show: Show, later: Callable[[Callable[[], None]], object]
    ) -> None:
        """`later` has something done on the notebook's thread; it is called on any."""
        self._session = session
        self._show = show
        self._later = later
        self._asking: threading.Thread | None = None
        session.on_change = lambda: later(self.refresh)

    def show(self, name: str, results: Iterable[Any], *, again: bool = False) -> None:
        """Show the answers of a cell."""
        for number, result in enumerate(results):
            self._show(result, f"live-{name}-{number}", again)

    def refresh(self) -> None:
        """Ask again what live cells ask, unless that is being done."""
        if self._session.opened is None or (self._asking and self._asking.is_alive()):
            return
        asked = {name: self._read(cell) for name, cell in self._session.live.items()}
        if asked:
            self._asking = threading.Thread(target=self._ask, args=(asked,), daemon=True)
            self._asking.start()

    def _read(self, cell: str) -> Iterable[HttpText]:
        try:
            return self._session.requests(cell)
        except SpindleError:
            return ()  # what it needs is gone; it shows what it showed

    def _ask(self, asked: dict[str, Iterable[HttpText]]) -> None:
        for name, requests in asked.items():
            try:
                self.show(name, self._session.ask(requests), again=True)
            except SpindleError:
                return  # the application was closed meanwhile

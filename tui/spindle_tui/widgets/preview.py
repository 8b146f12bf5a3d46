"""The overview of the exchange a list's cursor is on, where there is room for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle.errors import HostError
from spindle.history import mask
from spindle_tui.model.detail import Document, View, page_lines
from spindle_tui.model.lines import note
from spindle_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from spindle.client import HostClient

LEAST_HEIGHT = 32
"""Lines of a terminal that have room for a list and a preview."""


class Preview(LineView):
    """Lines about one exchange; asks the host only for another than it shows."""

    DEFAULT_CSS = """
    Preview { height: 45%; border-top: solid $panel; display: none; }
    Preview.shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._about: str | None = None
        self._document: Document | None = None

    def make_room(self, height: int, *, wanted: bool) -> None:
        """Be there in a terminal of so many lines, or not."""
        self.set_class(wanted and height >= LEAST_HEIGHT, "shown")

    def look_at(self, id: str | None, host: HostClient | None) -> None:
        """Show an exchange."""
        if id == self._about or host is None or not self.has_class("shown"):
            return
        self._about = id
        self._document = None
        if id is None:
            self.show([])
        else:
            self.run_worker(self._load(id, host), exclusive=True)

    async def _load(self, id: str, host: HostClient) -> None:
        try:
            document = await host.exchange(id)
        except HostError as error:
            self.show([note(error.message)])
            return
        self._document = mask(document)
        self._show_overview()

    def on_resize(self) -> None:
        self._show_overview()

    def _show_overview(self) -> None:
        if self._document is not None:
            self.show(page_lines(self._document, 0, View(max(20, self.size.width - 3))))

"""What Ctrl-C asks where the host is this one's own."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from spindle_tui.screens.dialogs import DIALOG_CSS, Choice, ChoiceScreen

CHOICES = (
    Choice("s", "stop", "Stop the host", "Ctrl-C once more does so too"),
    Choice("c", "close", "Close this, and go on serving"),
)


class StopScreen(ChoiceScreen):
    """Asks whether the host shall stop; the result is `stop`, `close` or None."""

    DEFAULT_CSS = DIALOG_CSS.format(name="StopScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "dismiss_stop", "Stop", show=False, priority=True)
    ]

    def __init__(self) -> None:
        super().__init__("Stop the host?", CHOICES)

    def action_dismiss_stop(self) -> None:
        self.dismiss("stop")

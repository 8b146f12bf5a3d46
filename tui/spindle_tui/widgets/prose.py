"""Lines whose parts have meanings, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, get_args

from rich.text import Text
from textual.widgets import Static

from spindle_tui.model.lines import Line, text_of
from spindle_tui.model.prose import Meaning

MEANINGS = [meaning for meaning in get_args(Meaning) if meaning]


class Prose(Static):
    """Text that a person can select; each meaning has its own style."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"prose--{meaning}" for meaning in MEANINGS}
    DEFAULT_CSS = """
    Prose {
        height: auto;
        & > .prose--dim { color: $text-muted; }
        & > .prose--key { color: $text-primary; }
        & > .prose--good { color: $text-success; }
        & > .prose--warn { color: $text-warning; }
        & > .prose--bad { color: $text-error; text-style: bold; }
        & > .prose--head { color: $foreground; text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self._lines: tuple[Line, ...] = ()

    @property
    def text(self) -> str:
        """What is shown, without its meanings."""
        return text_of(self._lines)

    def show(self, lines: Iterable[Line]) -> None:
        """Show these lines instead."""
        lines = tuple(lines)
        if lines != self._lines:
            self._lines = lines
            self.update(self.painted(lines))

    def painted(self, lines: Iterable[Line]) -> Text:
        """Lines in the theme's colours."""
        styles = {name: self.get_component_rich_style(f"prose--{name}") for name in MEANINGS}
        text = Text()
        for number, each in enumerate(lines):
            if number:
                text.append("\n")
            for span in each.spans:
                text.append(span.text, styles.get(span.style))
        return text

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self._lines:
            self.update(self.painted(self._lines))

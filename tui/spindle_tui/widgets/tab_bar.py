"""The line with the names of tabs."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Click
from textual.message import Message
from textual.widgets import Static


class TabBar(Horizontal):
    """One line: the tabs' titles with the keys that show them; the current one stands out."""

    DEFAULT_CSS = """
    TabBar { height: 1; background: $panel; }
    TabBar TabTitle { width: auto; padding: 0 1; color: $text-muted; }
    TabBar TabTitle:hover { background: $boost; color: $text; }
    TabBar TabTitle.current { background: $primary; color: $text; text-style: bold; }
    """

    class Chosen(Message):
        """A tab's title was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.tab = name

    def __init__(self, titles: Sequence[tuple[str, str]]) -> None:
        """`titles` are names of tabs and what they are called."""
        super().__init__()
        self._titles = titles

    def compose(self) -> ComposeResult:
        for number, (name, title) in enumerate(self._titles, 1):
            yield TabTitle(name, f"{number} {title}")

    def rename(self, titles: Sequence[str]) -> None:
        """Give all tabs other titles."""
        for number, (title, text) in enumerate(zip(self.query(TabTitle), titles, strict=True), 1):
            title.update(f"{number} {text}")

    def show(self, current: str) -> None:
        """Have one tab stand out."""
        for title in self.query(TabTitle):
            title.set_class(title.tab == current, "current")


class TabTitle(Static):
    """The name of one tab."""

    def __init__(self, tab: str, text: str) -> None:
        super().__init__(text, markup=False)
        self.tab = tab

    def on_click(self, event: Click) -> None:
        event.stop()
        self.post_message(TabBar.Chosen(self.tab))

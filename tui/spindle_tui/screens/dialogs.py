"""Small questions over what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

DIALOG_CSS = """
{name} {{ align: center middle; }}
{name} > Vertical {{
    width: 64; max-width: 96%; height: auto; max-height: 90%;
    background: $panel; border: round $primary; padding: 0 1;
}}
{name} #dialog-title {{ text-style: bold; margin-bottom: 1; }}
{name} #dialog-help {{ color: $text-muted; margin-top: 1; }}
{name} OptionList {{ border: none; height: auto; max-height: 14; background: $panel; padding: 0; }}
{name} OptionList:focus {{ border: none; }}
{name} Input {{ border: none; height: 1; background: $boost; padding: 0 1; }}
"""


class Choice(NamedTuple):
    """One of the answers to a question."""

    key: str
    """The key that gives it."""
    value: str
    text: str
    help: str = ""


class ChoiceScreen(ModalScreen[str | None]):
    """A question with few answers; its result is the value of one, or None."""

    DEFAULT_CSS = DIALOG_CSS.format(name="ChoiceScreen")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss_none", "Cancel")]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._title, id="dialog-title", markup=False)
            yield OptionList(*(Option(_shown(choice), id=choice.value) for choice in self._choices))
            yield Static("Enter chooses · Esc cancels", id="dialog-help", markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def on_key(self, event: Key) -> None:
        for choice in self._choices:
            if event.character == choice.key:
                event.stop()
                self.dismiss(choice.value)
                return

    def action_dismiss_none(self) -> None:
        self.dismiss(None)


def _shown(choice: Choice) -> Content:
    return Content.assemble(
        (f" {choice.key} ", "bold $text-accent"),
        " ",
        choice.text,
        ("  " + choice.help, "$text-muted"),
    )


class AskScreen(ModalScreen[str | None]):
    """A question for a line of text; None if it is not answered."""

    DEFAULT_CSS = DIALOG_CSS.format(name="AskScreen")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss_none", "Cancel")]

    def __init__(self, title: str, value: str = "", help: str = "") -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._help = help

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._title, id="dialog-title", markup=False)
            yield Input(self._value)
            help = " · ".join(part for part in (self._help, "Enter answers", "Esc cancels") if part)
            yield Static(help, id="dialog-help", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_dismiss_none(self) -> None:
        self.dismiss(None)

"""The line in which a filter is written, with what may follow and what is wrong below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from spindle.exchange import Completion, FilterError, complete, parse_filter
from spindle_tui.model.proposals import Proposals, pointer

Known = Callable[[], Mapping[str, Iterable[str]]]


class FilterInput(Input):
    """Where the filter's text is; keys choose among what may follow."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "take", "Complete"),
        Binding("down", "choose(1)", "Next", show=False),
        Binding("up", "choose(-1)", "Previous", show=False),
        Binding("escape", "leave", "Back"),
    ]

    class Take(Message):
        """What is proposed shall be written."""

    class Choose(Message):
        """Another proposal is looked at."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Leave(Message):
        """The filter is as it was before."""

    def action_take(self) -> None:
        self.post_message(self.Take())

    def action_choose(self, by: int) -> None:
        self.post_message(self.Choose(by))

    def action_leave(self) -> None:
        self.post_message(self.Leave())


class FilterBar(Vertical):
    """A filter; tells `Changed` with a text that can be parsed once a person is done with it."""

    DEFAULT_CSS = """
    FilterBar { height: auto; background: $surface; }
    FilterBar Horizontal { height: 1; }
    FilterBar #filter-sign { width: 2; color: $text-accent; text-style: bold; }
    FilterBar FilterInput { border: none; height: 1; padding: 0; background: $surface; }
    FilterBar FilterInput:focus { border: none; background: $boost; }
    FilterBar #filter-note { display: none; padding: 0 2; background: $boost; height: auto; }
    FilterBar #filter-note.shown { display: block; }
    FilterBar #filter-note.wrong { color: $text-error; }
    """

    class Changed(Message):
        """Another filter is wanted."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """A person is done with the filter."""

    def __init__(self, known: Known) -> None:
        """`known` are values of fields, for what may follow."""
        super().__init__()
        self.text = ""
        """What is applied."""
        self._known = known
        self._proposals = Proposals(())

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("/", id="filter-sign", markup=False)
            yield FilterInput(
                placeholder="filter: status>=500 component:api path~/v1 slow>100ms",
                select_on_focus=False,
            )
        yield Static("", id="filter-note", markup=False)

    @property
    def input(self) -> FilterInput:
        return self.query_one(FilterInput)

    def apply(self, text: str) -> bool:
        """Have a filter applied; False if it can't be, which is said in its place."""
        self.input.value = text
        if (problem := self._problem(text)) is not None:
            self._show_problem(text, problem)
            return False
        self._hide()
        if text != self.text:
            self.text = text
            self.post_message(self.Changed(text))
        return True

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.apply(event.value.strip()):
            self.post_message(self.Left())

    def on_filter_input_leave(self) -> None:
        self.input.value = self.text
        self._hide()
        self.post_message(self.Left())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.call_after_refresh(self._show_note)

    def on_descendant_focus(self) -> None:
        self._show_note()

    def on_descendant_blur(self) -> None:
        if self._problem(self.input.value) is None:
            self._hide()

    def on_filter_input_take(self) -> None:
        if (chosen := self._proposals.chosen) is not None:
            self._write(chosen)

    def on_filter_input_choose(self, message: FilterInput.Choose) -> None:
        self._proposals = self._proposals.moved(message.by)
        self._show_proposals()

    def _write(self, chosen: Completion) -> None:
        value = self.input.value
        self.input.value = value[: chosen.start] + chosen.text + value[chosen.end :]
        self.input.cursor_position = chosen.start + len(chosen.text)
        self._show_note()

    def _show_note(self) -> None:
        """Say what may follow; where nothing may, what is wrong."""
        if not self.input.has_focus:
            return
        text, cursor = self.input.value, self.input.cursor_position
        self._proposals = Proposals(tuple(complete(text, cursor, self._known())))
        problem = self._problem(text)
        if self._proposals.all:
            self._show_proposals()
        elif problem is not None:
            self._show_problem(text, problem)
        else:
            self._hide()

    def _show_proposals(self) -> None:
        lines = self._proposals.lines(max(20, self.size.width - 4))
        self._show("\n".join(lines), wrong=False)

    def _show_problem(self, text: str, problem: FilterError) -> None:
        self._show("\n".join(pointer(text, problem)), wrong=True)

    def _show(self, text: str, *, wrong: bool) -> None:
        note = self.query_one("#filter-note", Static)
        note.update(text)
        note.set_class(bool(text), "shown")
        note.set_class(wrong, "wrong")

    def _hide(self) -> None:
        self._show("", wrong=False)

    def _problem(self, text: str) -> FilterError | None:
        try:
            parse_filter(text)
        except FilterError as error:
            return error
        return None

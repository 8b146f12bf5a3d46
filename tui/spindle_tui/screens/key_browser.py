"""Looking through a key-value store, and changing it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import DataTable, Input, Static, TextArea

from spindle_tui.model.cleaning import one_line
from spindle_tui.model.measures import joined, size_text
from spindle_tui.model.paging import KeyList
from spindle_tui.model.values import Form, UnreadableValue, forms_of, is_editable, shown, typed
from spindle_tui.screens.dialogs import AskScreen, Choice, ChoiceScreen
from spindle_tui.screens.live import LivePane
from spindle_tui.widgets.listing import Entry, Heading, Listing

HEADINGS = (Heading("Key", 10, gives_way=True),)
AHEAD = 100
"""Keys below the cursor before more are asked for."""
DELETE = (
    Choice("y", "delete", "Delete it"),
    Choice("n", "keep", "Keep it"),
)


class Opened(NamedTuple):
    """The value that is looked at."""

    key: str
    data: bytes
    forms: tuple[Form, ...]
    form: Form
    is_new: bool = False


class KeyBrowser(LivePane):
    """The keys of a store and the value of one, which can be edited."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "prefix", "Prefix"),
        Binding("e", "edit", "Edit", show=False),
        Binding("ctrl+s", "save", "Save", priority=True),
        Binding("f2", "form", "Text/JSON/hex"),
        Binding("n", "new", "New key"),
        Binding("d,delete", "delete", "Delete"),
        Binding("f5", "refresh", "Look again", show=False),
        Binding("f4", "editor", "In $EDITOR", show=False),
        Binding("y", "copy", "Copy value", show=False),
        Binding("escape", "leave", "Undo, back to keys", show=False),
    ]
    DEFAULT_CSS = """
    KeyBrowser #kv-keys { height: 2fr; }
    KeyBrowser #kv-value { height: 3fr; border-top: solid $panel; }
    KeyBrowser #kv-value:focus-within { border-top: solid $primary; }
    KeyBrowser Input { margin: 0 1; }
    KeyBrowser Static { height: 1; padding: 0 1; color: $text-muted; }
    KeyBrowser TextArea { height: 1fr; border: none; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._list = KeyList("default")
        self._opened: Opened | None = None

    def compose(self) -> ComposeResult:
        yield Input(placeholder="keys that begin with …", id="kv-prefix", compact=True)
        yield Listing(HEADINGS, on_enter="Edit", id="kv-keys")
        with Vertical(id="kv-value"):
            yield Static("", id="kv-title", markup=False)
            yield TextArea("", read_only=True, soft_wrap=True, compact=True)

    # Keys.

    def look(self, store: str) -> None:
        """Show a store from its first key on."""
        if store != self._list.store:
            self._show_value(None)
        self._list = KeyList(store, self.query_one(Input).value)
        self.query_one(Listing).show(())
        self.at_once(self._more, "keys")

    async def _more(self) -> None:
        """Take in the next page."""
        wanted = self._list
        page = await self.host.kv_list(wanted.store, prefix=wanted.prefix, cursor=wanted.cursor)
        if wanted is not self._list:
            return
        new = wanted.add(page.keys, page.cursor)
        self.query_one(Listing).extend([_entry(key) for key in new])
        self._tell()
        if not new and not wanted.complete:
            await self._more()

    def on_data_table_row_highlighted(self, message: DataTable.RowHighlighted) -> None:
        if not self._list.complete and message.cursor_row >= len(self._list.keys) - AHEAD:
            self.if_idle(self._more, "keys")
        key = self.query_one(Listing).current
        if key is not None and (self._opened is None or key != self._opened.key):
            self.at_once(partial(self._open, key), "value")

    def on_data_table_row_selected(self, _message: DataTable.RowSelected) -> None:
        self.action_edit()

    def on_input_changed(self, _message: Input.Changed) -> None:
        self.look(self._list.store)

    def on_input_submitted(self, _message: Input.Submitted) -> None:
        self.query_one(Listing).focus()

    def _tell(self) -> None:
        self.shell.note(joined((one_line(self._list.store), self._list.summary)))

    # The value.

    async def _open(self, key: str) -> None:
        """Show the value of a key, unless another one is being edited."""
        if self._changed:
            return
        data = await self.host.kv_get(key, self._list.store)
        if data is None:
            self._forget(key)
            return
        forms = forms_of(data)
        self._show_value(Opened(key, data, forms, forms[0]))

    def _show_value(self, opened: Opened | None) -> None:
        self._opened = opened
        area = self.query_one(TextArea)
        if opened is None:
            area.load_text("")
            area.read_only = True
        else:
            area.load_text(shown(opened.data, opened.form))
            area.read_only = not is_editable(opened.data, opened.form)
        self._show_title()

    def _show_title(self) -> None:
        title = self.query_one("#kv-title", Static)
        opened = self._opened
        if opened is None:
            title.update("")
            return
        state = "CHANGED: ^s saves, Esc undoes" if self._changed else ""
        if opened.is_new:
            state = "NEW: ^s saves, Esc drops it"
        elif self.query_one(TextArea).read_only:
            state = "the beginning, read-only" if len(opened.data) > 4096 else "read-only"
        size = size_text(len(opened.data))
        title.update(joined((one_line(opened.key), size, opened.form.value, state)))

    @property
    def _changed(self) -> bool:
        """Whether there is something to save."""
        area, opened = self.query_one(TextArea), self._opened
        if opened is None or area.read_only:
            return False
        return opened.is_new or area.text != shown(opened.data, opened.form)

    def on_text_area_changed(self, _message: TextArea.Changed) -> None:
        self._show_title()

    # What can be done.

    def action_prefix(self) -> None:
        self.query_one(Input).focus()

    def action_refresh(self) -> None:
        """Ask for keys and value again."""
        self._opened = None
        self.look(self._list.store)

    def action_edit(self) -> None:
        if self._opened is not None:
            self.query_one(TextArea).focus()

    def action_leave(self) -> None:
        """Undo what was typed, and go back to the keys."""
        opened = self._opened
        if opened is not None and opened.is_new:
            self._show_value(None)
        elif self._changed:
            self._show_value(opened)
        self.query_one(Listing).focus()

    def action_form(self) -> None:
        """Show the value in its next form."""
        opened = self._opened
        if opened is None or len(opened.forms) < 2:
            return
        if self._changed:
            self.shell.say("save the value or undo with Esc first", "warning")
            return
        at = (opened.forms.index(opened.form) + 1) % len(opened.forms)
        self._show_value(opened._replace(form=opened.forms[at]))

    def action_save(self) -> None:
        """Set the key to what was typed."""
        if self._opened is not None and self._changed:
            self.at_once(partial(self._save, self._opened), "save")

    async def _save(self, opened: Opened) -> None:
        try:
            data = typed(self.query_one(TextArea).text, opened.form)
        except UnreadableValue as error:
            self.shell.say(str(error), "error")
            return
        await self.host.kv_set(opened.key, data, self._list.store)
        self.shell.say(f"set {one_line(opened.key)}")
        if opened.key not in self._list:
            self._list.add([opened.key], self._list.cursor)
            self.query_one(Listing).extend([_entry(opened.key)])
            self.query_one(Listing).go_to(opened.key)
        forms = forms_of(data)
        form = opened.form if opened.form in forms else forms[0]
        self._show_value(Opened(opened.key, data, forms, form))
        self._tell()

    def action_new(self) -> None:
        """Ask for a key, and edit its value."""

        def begin(key: str | None) -> None:
            if not key:
                return
            if key in self._list:
                self.query_one(Listing).go_to(key)
            else:
                forms = (Form.TEXT, Form.JSON, Form.HEX)
                self._show_value(Opened(key, b"", forms, Form.TEXT, is_new=True))
                self.query_one(TextArea).focus()

        self.app.push_screen(AskScreen("New key"), begin)

    def action_delete(self) -> None:
        """Delete the key under the cursor, after asking."""
        key = self.query_one(Listing).current
        if key is None:
            return

        def decided(choice: str | None) -> None:
            if choice == "delete":
                self.after_all(partial(self._delete, key), "save")

        self.app.push_screen(ChoiceScreen(f"Delete {one_line(key, 60)}?", DELETE), decided)

    async def _delete(self, key: str) -> None:
        await self.host.kv_delete(key, self._list.store)
        self.shell.say(f"deleted {one_line(key)}")
        self._forget(key)

    def _forget(self, key: str) -> None:
        self._list.remove(key)
        self._show_value(None)
        self.query_one(Listing).show([_entry(each) for each in self._list.keys])
        self._tell()

    def action_copy(self) -> None:
        if self._opened is not None:
            self.shell.copy_text(self.query_one(TextArea).text, "the value")

    def action_editor(self) -> None:
        """Edit the value in `$EDITOR`."""
        if self._opened is not None and not self.query_one(TextArea).read_only:
            self.at_once(partial(self._edit, self._opened), "save")

    async def _edit(self, opened: Opened) -> None:
        suffix = ".json" if opened.form is Form.JSON else ".txt"
        text = await self.shell.edit_text(self.query_one(TextArea).text, suffix)
        if text is not None:
            self.query_one(TextArea).text = text


def _entry(key: str) -> Entry:
    return Entry(key, (one_line(key, 1000),))

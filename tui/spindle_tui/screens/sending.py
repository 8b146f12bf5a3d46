"""Writing a request to the application and sending it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, TextArea
from textual.worker import Worker

from spindle.errors import SpindleError
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.composing import Composed, NotARequest, composed
from spindle_tui.model.prose import line
from spindle_tui.widgets.prose import Prose

if TYPE_CHECKING:
    from spindle.client import Fired, HostClient


class SendScreen(ModalScreen[str | None]):
    """Its result is the id of the exchange that came of it, None if there is none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("ctrl+s", "send", "Send", priority=True),
    ]
    DEFAULT_CSS = """
    SendScreen { align: center middle; }
    SendScreen > Vertical {
        width: 90%; max-width: 100; height: auto; max-height: 95%;
        border: round $primary; background: $surface; padding: 0 1;
    }
    SendScreen Label { color: $text-muted; }
    SendScreen TextArea { height: 5; border: none; padding: 0 1; background: $boost; }
    SendScreen #send-headers { height: 3; }
    SendScreen Horizontal { height: auto; align-horizontal: right; }
    SendScreen Button { margin: 0 0 0 2; }
    """

    def __init__(self, host: HostClient, method: str, path: str) -> None:
        super().__init__()
        self._host = host
        self._first = one_line(f"{method} {path}")

    def compose(self) -> ComposeResult:
        with Vertical() as dialog:
            dialog.border_title = "Send a request"
            yield Label("Method and path")
            yield Input(self._first, id="send-first", compact=True)
            yield Label("Headers, `name: value`, one a line", markup=False)
            yield TextArea("", id="send-headers", compact=True)
            yield Label("Body")
            yield TextArea("", id="send-body", compact=True)
            yield Prose(id="send-problem")
            with Horizontal():
                yield Button("Cancel", id="send-cancel", compact=True)
                yield Button("Send  ^s", id="send-send", variant="primary", compact=True)

    def on_input_submitted(self, _message: Input.Submitted) -> None:
        self.action_send()

    def on_button_pressed(self, message: Button.Pressed) -> None:
        if message.button.id == "send-send":
            self.action_send()
        else:
            self.dismiss(None)

    def action_send(self) -> None:
        """Send what is written; what is wrong with it is shown."""
        first = self.query_one("#send-first", Input).value
        headers = self.query_one("#send-headers", TextArea).text
        try:
            request = composed(first, headers, self.query_one("#send-body", TextArea).text)
        except NotARequest as error:
            self._complain(str(error))
        else:
            _: Worker[None] = self.run_worker(partial(self._send, request), exclusive=True)

    async def _send(self, request: Composed) -> None:
        method, path, headers, body = request
        self.query_one("#send-send", Button).disabled = True
        try:
            fired = await self._host.fire("http", path, body, method=method, headers=headers)
        except SpindleError as error:
            self._complain(" ".join([str(error), *error.hints]))
        else:
            self._finish(fired)
        finally:
            self.query_one("#send-send", Button).disabled = False

    def _finish(self, fired: Fired) -> None:
        if fired.exchanges:
            self.dismiss(str(fired.exchanges[0]["id"]))
            return
        status = (
            "nobody" if fired.response is None else f"the host, with {fired.response['status']}"
        )
        self._complain(f"no component was asked: {status} answered")

    def _complain(self, text: str) -> None:
        self.query_one(Prose).show([line(("✗ ", "bad"), (one_line(text, 400), "bad"))])

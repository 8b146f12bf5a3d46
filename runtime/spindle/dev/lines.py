"""What a host prints while it serves, where nothing better shows it: plain lines.

Each exchange is one once it has finished; what guests write gets whom it is of before each line.
Where these are not wanted, guests' output goes to stderr byte for byte, as Spin has it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection

from spindle.dev.console import Console
from spindle.dev.logs import Stream, echo_to_stderr
from spindle.dev.options import UpOptions
from spindle.dev.painting import line_paint
from spindle.events import Bus, Event, EventKind
from spindle.exchange import Exchange, summary_of
from spindle.exchange.lines import exchange_line, output_line
from spindle.history.masking import masked_summary

LONGEST = 8192
"""Bytes of a line that has not ended yet that are waited with."""


class Lines:
    """Prints exchanges and guests' output by lines, if somebody wants them."""

    def __init__(
        self,
        bus: Bus,
        console: Console,
        *,
        wanted: Callable[[], bool],
        follow: Collection[str] = (),
    ) -> None:
        """`wanted` is asked each time; of other components than those followed nothing is said."""
        self._console = console
        self._wanted = wanted
        self._follow = follow
        self._open: dict[tuple[str, str | None, Stream], bytes] = {}
        """What was written of lines that have not ended."""
        bus.join(self, (EventKind.EXCHANGE_FINISHED,))

    def put(self, event: Event) -> None:
        """Take an exchange that has finished; called by the bus."""
        assert isinstance(event.data, Exchange)
        if self._open:
            self._end_lines(event.data.id)
        if self._wanted() and (not self._follow or event.data.component in self._follow):
            summary = masked_summary(summary_of(event.data))
            self._console.narrate(exchange_line(summary, line_paint(sys.stderr)))

    def echo(self, component: str, stream: Stream, data: bytes, exchange: Exchange | None) -> None:
        """Take what a guest wrote."""
        if not self._wanted():
            echo_to_stderr(component, stream, data, exchange)
            return
        key = component, None if exchange is None else exchange.id, stream
        *lines, rest = (self._open.pop(key, b"") + data).split(b"\n")
        for line in lines:
            self._say(key, line)
        if len(rest) > LONGEST:
            self._say(key, rest)
        elif rest:
            self._open[key] = rest

    def _end_lines(self, exchange: str) -> None:
        for key in [key for key in self._open if key[1] == exchange]:
            self._say(key, self._open.pop(key))

    def _say(self, key: tuple[str, str | None, Stream], line: bytes) -> None:
        component, exchange, _ = key
        text = line.decode("utf-8", "replace").rstrip("\r")
        self._console.narrate(output_line(component, exchange, text, line_paint(sys.stderr)))


def lines_wanted(options: UpOptions, *, commands_only: bool) -> Callable[[], bool]:
    """Whether plain lines are wanted: if not said, where a person reads stderr on a terminal."""
    if options.lines is not None:
        return lambda: options.lines is True
    if options.quiet or commands_only:
        return lambda: False
    # Asked each time: stderr is somewhere else while the terminal interface is on the terminal.
    return lambda: sys.stderr.isatty()

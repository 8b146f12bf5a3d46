"""What is wrong with a filter's text."""

from __future__ import annotations

from spindle.errors import UserError


class FilterError(UserError):
    """A filter can't be understood.

    `column` is where, counted in characters from 0, and `length` how many of them are meant. The
    message doesn't say so: whoever has the text at hand points at them.
    """

    code = "filter"

    def __init__(self, message: str, column: int, length: int = 0, hint: str | None = None) -> None:
        super().__init__(message, hints=() if hint is None else (hint,))
        self.column = column
        self.length = length

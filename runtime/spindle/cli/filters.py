"""Filters of exchanges on the command line."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from spindle.errors import UserError
from spindle.exchange import Filter, FilterError, complete, parse_filter


class FilterType(click.ParamType[Filter, str]):
    """A filter; its words are completed by the shell."""

    name = "filter"

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> Filter:
        """The filter that a text says."""
        return value if isinstance(value, Filter) else read_filter(value)

    def shell_complete(
        self, _ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """What the last word may become."""
        proposals = complete(incomplete, len(incomplete))
        return [
            CompletionItem(incomplete[: one.start] + one.text, help=one.help) for one in proposals
        ]


FILTER = FilterType()


def read_filter(text: str) -> Filter:
    """The filter that a text says; raises `UserError`, which points at what is wrong."""
    try:
        return parse_filter(text)
    except FilterError as error:
        hints = error.hints
        if text.isprintable():
            pointing = " " * error.column + "^" * max(1, error.length)
            hints = (*hints, f"{text}\n{pointing}")
        raise UserError(f"the filter can't be understood: {error.message}", hints=hints) from None

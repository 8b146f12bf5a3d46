"""Texts to filters."""

from __future__ import annotations

from spindle.exchange.filters.filter import Filter


def parse_filter(text: str, now: float | None = None) -> Filter:
    """The filter a text says; an empty one lets everything pass. Raises `FilterError`.

    `now`, seconds since the epoch, is what `at>-5m` counts from.
    """
    raise NotImplementedError

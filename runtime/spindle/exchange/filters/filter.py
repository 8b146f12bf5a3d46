"""A filter that was understood."""

from __future__ import annotations

from dataclasses import dataclass

from spindle.exchange.record import Json
from spindle.exchange.summary import Summary


@dataclass(frozen=True, slots=True)
class Filter:
    """Which exchanges are wanted."""

    text: str
    needs_document: bool
    """Whether it looks into documents (`body`, `header`, `log`, `call`)."""

    def matches(self, summary: Summary, document: Json | None = None) -> bool:
        """Whether an exchange is wanted; with `needs_document` its document must be given."""
        raise NotImplementedError

    def may_match(self, summary: Summary) -> bool:
        """Whether an exchange could be wanted, as far as its summary says."""
        raise NotImplementedError

    def to_sql(self) -> tuple[str, list[object]]:
        """A condition on columns named as the fields of `Summary`, with its parameters.

        With `needs_document` it lets more pass than the filter: it is `may_match`.
        """
        raise NotImplementedError

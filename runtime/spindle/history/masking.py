"""Credentials in documents, hidden from whoever looks over a shoulder."""

from __future__ import annotations

from spindle.exchange import Json


def mask(document: Json) -> Json:
    """A copy of a document in which credentials in headers and URLs read `***`."""
    raise NotImplementedError

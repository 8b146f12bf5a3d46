"""Requests as text that is edited, and what of them was changed."""

from __future__ import annotations

from typing import Any

from spindle.history import export_exchanges, import_requests
from spindle_tui.model.detail import Document


def request_text(document: Document) -> str:
    """A request in the form of `.http` files, with all that authorizes it."""
    return export_exchanges([dict(document)], "http", secrets=True)


def edit_of(text: str, document: Document) -> dict[str, Any]:
    """What an edited text asks for that the exchange did not: `method path headers body`.

    A body that the text can't hold (binary, or not kept whole) stays unless there is another.
    """
    asked = import_requests(text, "http").exchanges[0]["input"]
    before = import_requests(request_text(document), "http").exchanges[0]["input"]
    edit: dict[str, Any] = {}
    for name, field in (
        ("method", "method"),
        ("path", "path_with_query"),
        ("headers", "headers"),
        ("body", "body"),
    ):
        if asked[field] != before[field]:
            edit[name] = asked[field]
    return edit

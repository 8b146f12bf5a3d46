"""Exchanges as text for other tools; pure functions of documents.

    export_exchanges(documents, "curl")

What authorizes is masked unless it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Json = dict[str, Any]

FORMATS = ("curl", "http", "har", "python", "pytest", "json")


def export_exchanges(documents: Sequence[Json], form: str, *, secrets: bool = False) -> str:
    """Exchanges in one of `FORMATS`; those that are no HTTP requests only in `json`.

    Raises `CannotExport` where nothing of them can be said in that format.
    """
    raise NotImplementedError


__all__ = ["FORMATS", "export_exchanges"]

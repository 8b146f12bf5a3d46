"""Exchanges in files: as they were exported, or requests of other tools."""

from __future__ import annotations

from pathlib import Path

from spindle.cli import render
from spindle.errors import UserError
from spindle.exchange import Json

_FORMATS = {".json": "json", ".har": "har", ".http": "http", ".rest": "http", ".curl": "curl"}
"""By what files' names end with."""
_UNKNOWN = {"json": (), "har": ("calls*",), "http": ("*",), "curl": ("*",)}
"""What a format knows nothing of, so that it can't differ."""


def documents_in_file(which: str) -> list[Json] | None:
    """The exchanges in a file, if one is meant; what in it is not understood is warned of."""
    if (form := _format_of(which)) is None:
        return None
    from spindle.history.imports import import_requests

    try:
        text = Path(which).read_bytes().decode()
    except (OSError, ValueError) as error:
        raise UserError(f"`{which}` can't be read: {error}") from None
    read = import_requests(text, form)
    for problem in read.problems:
        render.write_problem("warning", f"{which}:{problem.line + 1}: {problem.message}")
    if not read.exchanges:
        raise UserError(f"`{which}` has no exchanges")
    return list(read.exchanges)


def unknown_in_file(which: str) -> tuple[str, ...]:
    """Patterns of what the exchanges in a file say nothing of; none if no file is meant."""
    return _UNKNOWN[_format_of(which) or "json"]


def _format_of(which: str) -> str | None:
    path = Path(which)
    form = _FORMATS.get(path.suffix.lower())
    return form if form is not None and path.is_file() else None

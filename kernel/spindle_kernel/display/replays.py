"""Replays: what came of one, and where it differs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spindle.text import printable
from spindle_kernel.display.exchanges import exchange_bundle
from spindle_kernel.display.markup import GOOD, POOR, badge, escaped, table, tag


def replay_bundle(
    document: dict[str, Any], differences: Sequence[Any], sources: Sequence[Path] = ()
) -> dict[str, str]:
    """A replay with its differences before it."""
    shown = exchange_bundle(document, sources)
    said = f"{len(differences)} differences" if differences else "the same as before"
    rows = [(d.part, d.path, _value(d.before), _value(d.after)) for d in differences]
    lines = [said, *(f"  {part} {path}: {old} → {new}" for part, path, old, new in rows)]
    mark = tag("div", badge(said, POOR if differences else GOOD), "margin-bottom: 4px")
    heads = ("part", "path", "before", "after")
    cells = [[escaped(cell) for cell in row] for row in rows]
    return {
        "text/plain": "\n".join([*map(printable, lines), shown["text/plain"]]),
        "text/html": mark + (table(heads, cells) if rows else "") + shown["text/html"],
    }


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 300 else text[:300] + "…"

"""What a binary was written in and made with, as far as it tells."""

from __future__ import annotations

import re
from typing import NamedTuple

from spindle.wasm.outline import Outline

PYTHON = re.compile(r"libpython(\d+\.\d+)")


class Provenance(NamedTuple):
    """Where a binary comes from."""

    languages: tuple[str, ...]
    """The one it was written in first."""
    tools: tuple[str, ...]
    """With versions."""


def provenance_of(outline: Outline) -> Provenance:
    """Languages and tools of a binary and all that is nested in it."""
    languages: dict[str, None] = {}
    tools: dict[str, None] = {}
    for part in outline.walk():
        if python := PYTHON.search(part.name or ""):
            languages = {f"Python {python[1]}": None, **languages}
        for field, name, version in part.producers:
            # Some tools put their own commit after the version.
            named = f"{name} {version.partition(' (')[0]}".strip()
            (languages if field == "language" else tools)[named] = None
    if not languages and any(tool.startswith("rustc ") for tool in tools):
        languages["Rust"] = None
    return Provenance(tuple(languages), tuple(tools))

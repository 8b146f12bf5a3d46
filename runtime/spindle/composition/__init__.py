"""Components made of components: what nests others, wires them and passes on their imports.

Pure functions from bytes to bytes; no engine.
"""

from spindle.composition.composer import compose
from spindle.composition.dependencies import Dependency, matches_import, wires_of
from spindle.composition.part import (
    Composition,
    CompositionError,
    Import,
    Part,
    Provided,
    read_part,
)
from spindle.composition.plugging import HANDLER, assemble, chain, plug_wires

__all__ = [
    "HANDLER",
    "Composition",
    "CompositionError",
    "Dependency",
    "Import",
    "Part",
    "Provided",
    "assemble",
    "chain",
    "compose",
    "matches_import",
    "plug_wires",
    "read_part",
    "wires_of",
]

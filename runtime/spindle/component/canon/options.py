"""The options of one canonical definition, with the things they name resolved.

Spec: CanonicalABI.md#canonical-abi-options.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from spindle.component import core

Realloc: TypeAlias = "Callable[[int, int, int, int], int]"
"""old pointer, old size, alignment, new size → new pointer; bars the guest from leaving."""

FillPairs: TypeAlias = "Callable[[int, int, int], object]"
"""address, count, alignment: give each pair (pointer, length) there a block of its length."""


@dataclass(eq=False, slots=True)
class CanonicalOptions:
    """How one `canon lift` or `canon lower` passes values."""

    string_encoding: str = "utf8"
    """`utf8`, `utf16` or `latin1+utf16`."""
    memory: core.Memory | None = None
    realloc: Realloc | None = None
    fill_pairs: FillPairs | None = None
    post_return: core.Extern | None = None
    is_async: bool = False
    callback: core.Extern | None = None
    ptr_type: str = "i32"
    """The core type of the memory's addresses."""

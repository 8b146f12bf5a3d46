"""What an editor can ask, a module each: pure functions of a snapshot and a place in it.

Answers are the protocol's types, with places counted as Spindle counts (see `convert`), which the
server recounts for clients that count otherwise. `methods` says which function answers what. A
module is loaded when it is first asked, for a server is to say soon what is wrong.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spindle_lsp.features import (
        actions,
        completion,
        folding,
        formatting,
        hints,
        hover,
        lenses,
        links,
        navigation,
        rename,
        symbols,
        tokens,
    )

__all__ = [
    "actions",
    "completion",
    "folding",
    "formatting",
    "hints",
    "hover",
    "lenses",
    "links",
    "navigation",
    "rename",
    "symbols",
    "tokens",
]


def __getattr__(name: str) -> ModuleType:
    """A feature's module."""
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""What makes a start short.

An editor waits for its server. Half of what a start takes is the making of the protocol's more than
500 types, a good part of that of how they are printed, which only a log does.
"""

from __future__ import annotations

import gc
from functools import partial

import attrs

COLLECT_AFTER = 100_000
"""Containers made and not freed since garbage was last collected: a few keystrokes' worth."""


def load_protocol(*, printable: bool) -> None:
    """Make the protocol's types, so that a log can print them or not."""
    define = attrs.define
    if not printable:
        attrs.define = partial(define, repr=False)
    try:
        import lsprotocol.types  # noqa: F401  # for what it does
    finally:
        attrs.define = define


def keep_what_there_is() -> None:
    """What was made while starting stays, and need not be looked through for garbage again."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    gc.enable()

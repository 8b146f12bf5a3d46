"""Core functions that the runtime gives to guests, before they are bound to a core store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from spindle.component.core import CoreType


class Trampoline(NamedTuple):
    """A core function of ours.

    `function` takes core values and gives one, or None; if `blocking` it is a generator function
    that may block its thread.
    """

    core_type: CoreType
    function: Callable[..., Any]
    blocking: bool = False

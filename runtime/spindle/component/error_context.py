"""Error contexts: immutable descriptions of errors that guests pass around.

Spec: CanonicalABI.md#canon-error-contextnew.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class ErrorContext:
    """What an `error-context` value stands for; equal to itself alone."""

    debug_message: str

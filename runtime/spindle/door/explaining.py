"""Errors as text, with all there is to say of them."""

from __future__ import annotations

from spindle.dev.problems import ManifestError
from spindle.diagnostics import Severity, render
from spindle.errors import SpindleError


def explanation(error: SpindleError) -> str:
    """The message of an error with its hints; of an application's, each problem at its place."""
    if isinstance(error, ManifestError):
        wrong = [each for each in error.diagnostics if each.severity is Severity.ERROR]
        return "\n\n".join(map(render, wrong))
    return "\n".join((error.message, *(f"  help: {hint}" for hint in error.hints)))

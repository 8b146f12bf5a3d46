"""What a variable may be called, and how a guest hears that something is wrong with one."""

from __future__ import annotations

import re
from typing import Literal

Reason = Literal["invalid-name", "undefined", "provider"]


class VariableError(Exception):
    """A variable a guest asked for has no value; `reason` is the WIT error's case."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.message = message


class ProviderError(VariableError):
    """A provider can't say whether it has a value."""

    def __init__(self, message: str) -> None:
        super().__init__("provider", message)


def check_name(name: str) -> None:
    """Raise `VariableError` for a name no variable can have."""
    problem = _problem(name)
    if problem is not None:
        raise VariableError("invalid-name", f'"{name}": {problem}')


def _problem(name: str) -> str | None:
    if not name:
        return "must not be empty"
    if (bad := re.search("[^a-z0-9_]", name)) is not None:
        return (
            f"invalid character '{bad[0]}'. Variable names may contain only lower-case letters, "
            "numbers, and underscores."
        )
    if not "a" <= name[0] <= "z":
        return "must start with a lowercase ASCII letter"
    if name[-1] == "_":
        return "must end with a lowercase ASCII letter or digit"
    if "__" in name:
        return "must not contain multiple consecutive underscores"
    return None

"""Reading the parameters of a call; what is wrong raises `BadParams`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from spindle.dev.control import BadParams, Params


def text(params: Params, name: str) -> str:
    """A text that must be given."""
    value = params.get(name)
    if not isinstance(value, str):
        raise BadParams(f"`{name}` is missing, or no text")
    return value


def text_or_none(params: Params, name: str) -> str | None:
    """A text that may be left out, or null."""
    return None if params.get(name) is None else text(params, name)


def choice(params: Params, name: str, choices: Collection[str], default: str | None = None) -> str:
    """One of some words."""
    value = params.get(name, default)
    if not isinstance(value, str) or value not in choices:
        words = ", ".join(f"`{word}`" for word in choices)
        raise BadParams(f"`{name}` must be one of {words}")
    return value


def flag(params: Params, name: str) -> bool:
    """A truth that is false unless it is given."""
    value = params.get(name, False)
    if not isinstance(value, bool):
        raise BadParams(f"`{name}` must be true or false")
    return value


def number(params: Params, name: str, default: int, *, most: int | None = None) -> int:
    """A number from 0 up; beyond `most` it is that."""
    value: Any = params.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadParams(f"`{name}` must be a number from 0 up")
    return value if most is None else min(value, most)


def texts_or_none(params: Params, name: str) -> list[str] | None:
    """An array of texts that may be left out, or null."""
    value = params.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadParams(f"`{name}` must be an array of texts")
    return value

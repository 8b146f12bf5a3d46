"""Labels of WIT as names in Python; `spindle.component.values.attribute` makes those of fields."""

from __future__ import annotations

import keyword
from collections.abc import Iterable


def class_name(label: str) -> str:
    """A label as a class: `http-error` is `HttpError`, `none` is `None_`."""
    words = label.split("-")
    return safe("".join(word if word.isupper() else word.capitalize() for word in words))


def member_name(label: str) -> str:
    """A label as a member of an enumeration: `not-found` is `NOT_FOUND`."""
    return label.replace("-", "_").upper()


def safe(name: str, taken: Iterable[str] = ()) -> str:
    """A name that is no keyword and not taken."""
    return name + "_" if keyword.iskeyword(name) or name in taken else name

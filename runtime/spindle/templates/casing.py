"""Words of a name, and the ways names are written; cut as Spin's filters cut them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

_BETWEEN = re.compile(r"[\W_]+")


def words_of(text: str) -> Iterator[str]:
    """The words of a text: between other characters, at `aB`, and before the last of `ABc`."""
    for part in _BETWEEN.split(text):
        yield from _humps(part)


def kebab_case(text: str) -> str:
    """`like-this`."""
    return "-".join(word.lower() for word in words_of(text))


def snake_case(text: str) -> str:
    """`like_this`."""
    return "_".join(word.lower() for word in words_of(text))


def pascal_case(text: str) -> str:
    """`LikeThis`."""
    return "".join(word[:1].upper() + word[1:].lower() for word in words_of(text))


def dotted_pascal_case(text: str) -> str:
    """`Like.This`, where there are dots."""
    return ".".join(pascal_case(part) for part in text.split("."))


def http_wildcard(route: str) -> str:
    """A route with everything below it."""
    return route if route.endswith("/...") else f"{route.removesuffix('/')}/..."


def _humps(part: str) -> Iterator[str]:
    start = 0
    lower = upper = False  # what the letter before was; digits are what came before them
    for at, (here, after) in enumerate(pairwise(part)):
        if here.islower():
            lower, upper = True, False
        elif here.isupper():
            if upper and after.islower():
                yield part[start:at]
                start = at
            lower, upper = False, True
        if lower and after.isupper():
            yield part[start : at + 1]
            start = at + 1
            lower = upper = False
    if part:
        yield part[start:]

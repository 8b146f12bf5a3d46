"""Glob patterns as Spin reads them.

`*` and `?` stay within one name, `**` stands for any directories and must be a whole name, `[…]`
and `[!…]` are sets. Names that begin with a dot are matched like others. In a pattern matched
against a path as a whole (`exclude_files`) `*`, `?` and sets also match `/`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_SPECIAL = re.compile(r"[*?\[]")


class GlobError(ValueError):
    """A pattern that is none; the message says why."""


def is_pattern(text: str) -> bool:
    """Whether a text has any of a pattern's special characters."""
    return _SPECIAL.search(text) is not None


def exclusion(pattern: str) -> re.Pattern[str]:
    """What a path matched as a whole must match; raises `GlobError`."""
    return re.compile(_expression(pattern, any_char="."), re.DOTALL)


def literal_prefix(pattern: str) -> tuple[str, str]:
    """The directories a pattern begins with, and the rest of it."""
    parts = pattern.split("/")
    fixed = next((i for i, part in enumerate(parts) if is_pattern(part)), len(parts))
    return "/".join(parts[:fixed]), "/".join(parts[fixed:])


def path_expression(pattern: str) -> tuple[str, re.Pattern[str] | None]:
    """The literal part of a pattern, and what must match a path relative to it.

    None where the whole pattern is literal. Raises `GlobError`.
    """
    prefix, rest = literal_prefix(pattern)
    if not rest:
        return prefix, None
    return prefix, re.compile(_expression(rest, any_char="[^/]"), re.DOTALL)


def files_matching(root: Path, pattern: str, most: int | None = None) -> Iterator[str]:
    """The files under a root that match, as `/`-separated relative paths in sorted order.

    Directory links are followed, but no directory is visited inside itself. Only so many files
    are looked at, if not all. Raises `GlobError`.
    """
    prefix, rest = literal_prefix(pattern)
    if rest.endswith("**"):
        # A final `**` stands for directories only.
        return
    expression = re.compile(_expression(rest, any_char="[^/]"), re.DOTALL)
    recursive = "**" in rest.split("/")
    depth = None if recursive else rest.count("/")
    base = root / prefix if prefix else root
    lead = f"{prefix}/" if prefix else ""
    for name in islice(_files(base, "", depth, (os.path.realpath(base),)), most):
        if expression.fullmatch(name):
            yield lead + name


def files_named(root: Path, pattern: str, most: int | None = None) -> Iterator[str]:
    """As `files_matching`, but a pattern without special characters is a file's name."""
    if is_pattern(pattern):
        yield from files_matching(root, pattern, most)
    elif os.path.isfile(f"{root}/{pattern}"):  # noqa: PTH113  # of many files a `Path` takes longer
        yield pattern


def _files(base: Path, lead: str, depth: int | None, above: tuple[str, ...]) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(base / lead), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = lead + entry.name
        if entry.is_file():
            yield name
        elif depth != 0 and entry.is_dir():
            real = os.path.realpath(entry.path)
            if real not in above:
                deeper = None if depth is None else depth - 1
                yield from _files(base, f"{name}/", deeper, (*above, real))


def _expression(pattern: str, any_char: str) -> str:
    parts = pattern.split("/")
    expressions: list[str] = []
    for i, part in enumerate(parts):
        last = i == len(parts) - 1
        if part == "**":
            expressions.append(".*" if last else "(.*/)?")
        elif "**" in part:
            raise GlobError("`**` must be a whole name, as in `a/**/b`")
        else:
            expressions.append(_name(part, any_char) + ("" if last else "/"))
    return "".join(expressions)


def _name(part: str, any_char: str) -> str:
    expressions: list[str] = []
    at = 0
    while at < len(part):
        char = part[at]
        if char == "*":
            expressions.append(f"{any_char}*")
        elif char == "?":
            expressions.append(any_char)
        elif char == "[":
            end = part.find("]", at + (3 if part[at + 1 : at + 2] == "!" else 2))
            if end < 0:
                raise GlobError("`[` is not closed")
            expressions.append(_set(part[at + 1 : end]))
            at = end
        else:
            expressions.append(re.escape(char))
        at += 1
    return "".join(expressions)


def _set(content: str) -> str:
    negated = content.startswith("!")
    chars = content[1:] if negated else content
    escaped = re.sub(r"([\\^\[\]&~|])", r"\\\1", chars)
    return f"[{'^' if negated else ''}{escaped}]"

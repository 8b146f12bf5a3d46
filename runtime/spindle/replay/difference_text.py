"""Differences as text, a line or a few each."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator

from spindle.replay.comparison import Difference
from spindle.text import printable

WIDEST = 160
"""Characters of a value that a line shows."""
MOST_LINES = 40
"""Lines of a text's difference."""


def difference_lines(found: Iterable[Difference]) -> Iterator[str]:
    """Lines for a terminal, without control characters."""
    for difference in found:
        yield from map(printable, _lines(difference))


def _lines(difference: Difference) -> Iterator[str]:
    before, after = difference.before, difference.after
    if difference.part == "answers":
        if before is None:
            yield f"asks what the recording has no answer to: {difference.path}({_args(after)})"
        else:
            yield f"no longer asks {difference.path}({_args(before)})"
    elif difference.part == "calls" and before is None:
        yield f"calls {difference.path} as it did not before: {_value(after)}"
    elif difference.part == "calls" and after is None:
        yield f"no longer calls {difference.path}: {_value(before)}"
    elif isinstance(before, str) and isinstance(after, str) and _is_long(before, after):
        yield f"{difference.place}:"
        yield from _of_texts(before, after)
    else:
        yield f"{difference.place}: {_value(before)} → {_value(after)}"


def _is_long(*texts: str) -> bool:
    return any("\n" in text for text in texts)


def _of_texts(before: str, after: str) -> Iterator[str]:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1))[
        2:
    ]
    for line in lines[:MOST_LINES]:
        yield f"  {_short(line)}"
    if len(lines) > MOST_LINES:
        yield f"  … and {len(lines) - MOST_LINES} more lines"


def _args(args: object) -> str:
    if isinstance(args, list):
        return ", ".join(map(_value, args))
    return _value(args)


def _value(value: object) -> str:
    if value is None:
        return "nothing"
    return _short(json.dumps(value, ensure_ascii=False, default=repr))


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"

"""Applying the fixes of problems to texts: what is not replaced stays, byte for byte.

    repaired = repair(texts, check)

Texts are as their files have them, with byte order mark and line endings; nothing is written here.
"""

from __future__ import annotations

import re
from bisect import bisect, insort
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from spindle.diagnostics import Diagnostic, Edit, Fix
from spindle.text import LineIndex

Texts = Mapping[Path, str]
Check = Callable[[Texts], tuple[Diagnostic, ...]]
"""What is wrong with some texts."""

MOST_TURNS = 50
"""Fixes that undo one another end here."""


class Replacement(NamedTuple):
    """A stretch of a text's UTF-8, and what to put there."""

    start: int
    end: int
    new: bytes


class Repaired(NamedTuple):
    """What repairing came to."""

    texts: Texts
    """All of them; those that nothing was fixed in are the same objects."""
    fixed: tuple[Diagnostic, ...]
    """The problems whose fixes were applied, in that order."""
    left: tuple[Diagnostic, ...]
    """What is still to be said of the texts."""


def repair(texts: Texts, check: Check, *, unsafe: bool = False) -> Repaired:
    """Check and fix by turns, until there is nothing left that may be fixed unseen.

    Fixes that overlap wait for the next turn, which sees what the first of them made of the text.
    """
    found = check(texts)
    fixed: list[Diagnostic] = []
    seen = [texts]
    for _ in range(MOST_TURNS):
        turn = _turn(texts, found, check, unsafe)
        if turn is None or turn.texts in seen:
            break
        texts, found = turn.texts, turn.left
        fixed += turn.fixed
        seen.append(texts)
    return Repaired(texts, tuple(fixed), found)


def _turn(
    texts: Texts, found: tuple[Diagnostic, ...], check: Check, unsafe: bool
) -> Repaired | None:
    """As many fixes at once as go together; None if there are none.

    Two that are right by themselves may be wrong together: both give a table the same key.
    """
    wanted = list(found)
    refused: set[Fix | None] = set()
    while True:
        new, done = apply_fixes(texts, wanted, unsafe=unsafe)
        if not done:
            return None
        then = check(new)
        if _breaks(then) <= _breaks(found):
            return Repaired(new, done, then)
        if len(done) > 1:
            wanted = list(done[: len(done) // 2])
        else:
            refused.add(done[0].fix)
            wanted = [diagnostic for diagnostic in found if diagnostic.fix not in refused]


def apply_fixes(
    texts: Texts, diagnostics: Iterable[Diagnostic], *, unsafe: bool = False
) -> tuple[dict[Path, str], tuple[Diagnostic, ...]]:
    """The texts after one turn, and the problems fixed in it.

    A fix is applied whole or not at all: not where it touches what another one changed, or a text
    that isn't given.
    """
    new = dict(texts)
    encoded = {path: LineIndex(text.encode("utf-8", "surrogatepass")) for path, text in new.items()}
    taken: dict[Path, list[Replacement]] = {path: [] for path in texts}
    applied: set[Fix] = set()
    fixed = []
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        if fix not in applied:
            wanted = _replacements(fix, encoded)
            if wanted is None or not _is_free(wanted, taken):
                continue
            for path, replacement in wanted:
                insort(taken[path], replacement)
            applied.add(fix)
        fixed.append(diagnostic)
    for path, replacements in taken.items():
        if replacements:
            new[path] = _replaced(encoded[path].data, replacements)
    return new, tuple(fixed)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits of one fix, which don't overlap, whatever paths they name."""
    index = LineIndex(text.encode("utf-8", "surrogatepass"))
    return _replaced(index.data, [_replacement(index, edit) for edit in edits])


def _replacements(
    fix: Fix, encoded: Mapping[Path, LineIndex]
) -> list[tuple[Path, Replacement]] | None:
    """None when an edit is of a text that isn't given, or edits of the fix overlap."""
    if not all(edit.path in encoded for edit in fix.edits):
        return None
    wanted = [(edit.path, _replacement(encoded[edit.path], edit)) for edit in fix.edits]
    ordered = sorted(wanted, key=lambda each: (str(each[0]), each[1].start, each[1].end))
    for (path, one), (other_path, other) in pairwise(ordered):
        if path == other_path and other.start < one.end:
            return None
    return wanted


def _replacement(index: LineIndex, edit: Edit) -> Replacement:
    start, end = index.offset(edit.span.start), index.offset(edit.span.end)
    new = edit.new_text.encode("utf-8", "surrogatepass")
    if index.data.startswith(_MARK) and not new.startswith(_MARK):
        # What is put at the very beginning goes behind the byte order mark.
        start, end = max(start, len(_MARK)), max(end, len(_MARK))
    if b"\r\n" in index.data:
        new = re.sub(rb"(?<!\r)\n", b"\r\n", new)
    return Replacement(start, max(start, end), new)


_MARK = "\ufeff".encode()


def _is_free(
    wanted: Iterable[tuple[Path, Replacement]], taken: Mapping[Path, list[Replacement]]
) -> bool:
    return not any(_touch(new, old) for path, new in wanted for old in _around(new, taken[path]))


def _around(new: Replacement, taken: list[Replacement]) -> list[Replacement]:
    """What would stand before and after a replacement among others, which are in order."""
    at = bisect(taken, new)
    return taken[max(0, at - 1) : at + 1]


def _touch(one: Replacement, other: Replacement) -> bool:
    """Whether the order of two replacements would matter: they overlap or meet."""
    return one.start <= other.end and other.start <= one.end


def _replaced(data: bytes, replacements: Iterable[Replacement]) -> str:
    parts = []
    at = 0
    for start, end, new in sorted(replacements):
        parts += [data[at:start], new]
        at = end
    parts.append(data[at:])
    return b"".join(parts).decode("utf-8", "surrogatepass")


def _breaks(diagnostics: Iterable[Diagnostic]) -> int:
    """How often a text is no TOML, which no fix may make it."""
    return sum(diagnostic.code in _BROKEN for diagnostic in diagnostics)


_BROKEN = frozenset(("duplicate-key", "toml-syntax"))

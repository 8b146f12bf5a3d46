"""What can be folded: tables, values over several lines, blocks of comments."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from spindle.manifest import Node
from spindle_lsp.snapshot import Snapshot


def folds_of(snapshot: Snapshot) -> list[types.FoldingRange]:
    """Everything foldable, by where it begins."""
    folds = [*_tables(snapshot.lines), *_values(snapshot.document.root), *_comments(snapshot.lines)]
    unique = {(fold.start_line, fold.end_line): fold for fold in folds}
    return [unique[lines] for lines in sorted(unique)]


def _tables(lines: list[str]) -> Iterator[types.FoldingRange]:
    """From each header to the last line that has anything before the next header's comments."""
    headers = [i for i, line in enumerate(lines) if line.lstrip().startswith("[")]
    for start, following in zip(headers, [*headers[1:], len(lines)], strict=True):
        end = following - 1
        if following < len(lines):
            while end > start and lines[end].lstrip().startswith("#"):
                end -= 1
        while end > start and not lines[end].strip():
            end -= 1
        if end > start:
            yield types.FoldingRange(start, end, kind=types.FoldingRangeKind.Region)


def _values(node: Node) -> Iterator[types.FoldingRange]:
    start, end = node.span
    if end.line > start.line:
        yield types.FoldingRange(start.line, end.line)
    for child in (node.table or {}).values():
        yield from _values(child)
    for child in node.array or ():
        yield from _values(child)


def _comments(lines: list[str]) -> Iterator[types.FoldingRange]:
    start: int | None = None
    for number, line in enumerate([*lines, ""]):
        if line.lstrip().startswith("#"):
            start = number if start is None else start
        elif start is not None:
            if number - 1 > start:
                yield types.FoldingRange(start, number - 1, kind=types.FoldingRangeKind.Comment)
            start = None

"""What replays came to, as lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.text import counted
from spindle_tui.model.cleaning import block, one_line
from spindle_tui.model.detail import outcome, title_line
from spindle_tui.model.lines import EMPTY, Line, Span, heading, line, note
from spindle_tui.model.waterfall import value_text

if TYPE_CHECKING:
    from spindle.client import Difference

PARTS = {
    "output": "Response",
    "trap": "Trap",
    "calls": "Host calls",
    "answers": "Not in the recording",
}


class Replay(NamedTuple):
    """One exchange that was replayed, or could not be."""

    before: str
    """The title of what was replayed."""
    document: Mapping[str, Any] | None
    """The new exchange."""
    differences: Sequence[Difference] = ()
    error: str | None = None


def replay_lines(replay: Replay) -> list[Line]:
    """One replay: the new exchange, and how it differs."""
    if replay.document is None:
        return [line(Span(replay.error or "it failed", "bad"))]
    title = title_line(replay.document)._replace(exchange=str(replay.document["id"]))
    lines = [title, note("Enter opens it"), EMPTY]
    return [*lines, *difference_lines(replay.differences)]


def suite_lines(replays: Sequence[Replay]) -> list[Line]:
    """Many replays: which went as before, then how the others differ."""
    same = sum(1 for each in replays if each.document is not None and not each.differences)
    lines = [heading(f"{same} of {counted(len(replays), 'exchange')} went as before"), EMPTY]
    lines += [_suite_line(each) for each in replays]
    for each in replays:
        if each.document is not None and each.differences:
            lines += [EMPTY, heading(one_line(each.before)), *difference_lines(each.differences)]
    return lines


def _suite_line(replay: Replay) -> Line:
    if replay.document is None:
        return line(
            Span("✗ ", "bad"), one_line(replay.before), "  ", Span(one_line(replay.error), "bad")
        )
    ended = outcome(replay.document.get("output"), replay.document.get("trap"))
    count = len(replay.differences)
    sign = Span("≠ ", "warn") if count else Span("✓ ", "good")
    said = Span(f"  {counted(count, 'difference')}" if count else "", "dim")
    spans = (sign, Span(one_line(replay.before)), Span("  "), ended, said)
    return Line(spans, exchange=str(replay.document["id"]))


def difference_lines(differences: Iterable[Difference]) -> list[Line]:
    """What is otherwise, by part: what was and is gone, what is and was not."""
    lines: list[Line] = []
    part = None
    for each in differences:
        if each.part != part:
            part = each.part
            lines.append(heading(PARTS.get(part, one_line(part))))
        lines.append(line("  ", Span(one_line(each.path or each.part), "key")))
        lines += _change(each.before, each.after)
    return lines or [line(Span("✓ ", "good"), "no difference")]


def _change(before: Any, after: Any) -> list[Line]:
    if isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        return _text_change(before, after)
    gone = [] if before is None else [line(Span(f"    - {value_text(before)}", "remove"))]
    come = [] if after is None else [line(Span(f"    + {value_text(after)}", "add"))]
    return [*gone, *come]


def _text_change(before: str, after: str) -> list[Line]:
    was, became = (block(text).split("\n") for text in (before, after))
    lines = list(difflib.unified_diff(was, became, lineterm="", n=2))[2:]
    styles = {"+": "add", "-": "remove", "@": "dim"}
    return [line(Span(f"    {each}", styles.get(each[:1], ""))) for each in lines]

"""Exchanges and guests' output as lines for a terminal; nothing in them does anything to it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from spindle.exchange.summary import Summary
from spindle.text import printable, readable_size

LONGEST_PATH = 200
"""Characters of a path that are shown."""
LONGEST_OUTPUT = 10_000
"""Characters of a line of output that are shown."""
LONGEST_REASON = 200
"""Characters of the reason for a trap that are shown."""

Paint = Callable[[str, str], str]
"""Gives a text the colour of its kind: `dim`, `good`, `other`, `bad`, `failed`."""

_COLORS = re.compile(r"\x1b\[[0-9;:]*m")


def unpainted(_kind: str, text: str) -> str:
    """A text without colours."""
    return text


def exchange_line(summary: Summary, paint: Paint = unpainted) -> str:
    """Time, id, what was asked of which component, and what came of it, how soon."""
    clock = time.strftime("%H:%M:%S", time.localtime(summary.at))
    when = paint("dim", f"{clock}.{int(summary.at * 1000) % 1000:03d} {printable(summary.id)}")
    asked = f"{summary.method or summary.trigger} {summary.path or summary.target}"
    asked = printable(asked, limit=LONGEST_PATH)
    to = "" if summary.component is None else f" → {printable(summary.component)}"
    took = "" if summary.took is None else f" {readable_time(summary.took)}"
    size = readable_size(summary.sent)
    return f"{when} {asked}{to} {_outcome(summary, paint)}{took} {size}"


def output_line(component: str, exchange: str | None, text: str, paint: Paint = unpainted) -> str:
    """A line that a guest wrote, after whom it is of."""
    of = component if exchange is None else f"{component} {exchange}"
    return f"{paint('dim', printable(of) + ':')} {guest_text(text)}"


def guest_text(text: str) -> str:
    """A line of a guest's as a terminal may show it: without colours, and what else moves it."""
    return printable(_COLORS.sub("", text), keep="\t", limit=LONGEST_OUTPUT)


def readable_time(microseconds: float) -> str:
    """A duration as a person says it."""
    if microseconds < 1000:
        return f"{microseconds:.0f} µs"
    if microseconds < 1_000_000:
        return f"{microseconds / 1000:.{1 if microseconds < 100_000 else 0}f} ms"
    return f"{microseconds / 1_000_000:.1f} s"


def _outcome(summary: Summary, paint: Paint) -> str:
    if summary.trap is not None:
        reason, *_ = summary.trap.splitlines() or [""]
        status = "" if summary.status is None else f"{summary.status} "
        return paint("failed", f"{status}trap: {printable(reason, limit=LONGEST_REASON)}")
    if summary.status is None:
        return paint("other", "unanswered") if summary.method else paint("good", "ok")
    kind = {2: "good", 4: "bad", 5: "failed"}.get(summary.status // 100, "other")
    return paint(kind, str(summary.status))

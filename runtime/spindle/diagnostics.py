"""A problem in something a person wrote: what, where, why, and what to do about it.

Every checker returns `Diagnostic`s and every front end renders them; this module knows their
shape, their JSON form and their plain-text form. An error means that the application can't start
or can't be built; whatever starts but surprises is a warning.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from spindle.text import START, Span, utf16_length

Json = dict[str, object]


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    HINT = "hint"


class Related(NamedTuple):
    """Another place that has to do with the problem."""

    message: str
    path: Path
    span: Span


class Edit(NamedTuple):
    """A replacement of one stretch of a file's text."""

    path: Path
    span: Span
    new_text: str


class Fix(NamedTuple):
    """A change that makes the problem go away; `title` is an imperative."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True
    """Whether it can be applied unseen: it changes no other meaning and loses nothing."""


class Diagnostic(NamedTuple):
    """One problem.

    `message` is a lower-case sentence in the present tense, names in backticks, no full stop, and
    says enough when nothing else is shown. `help` says what to do. A problem of a whole file has
    a path and no span.
    """

    code: str
    """Kebab-case; names a page in the reference."""
    severity: Severity
    message: str
    path: Path | None = None
    span: Span | None = None
    related: tuple[Related, ...] = ()
    help: str | None = None
    fix: Fix | None = None

    def __str__(self) -> str:
        return f"{self.severity}: {self.message}"


_HERE = Path(__file__).parent
_PAGES = (_HERE / "pages", _HERE.parents[1] / "docs" / "reference" / "diagnostics")
"""Where the pages about codes are: in an installed package, and in a checkout."""


def page_of(code: str) -> Path | None:
    """The page about a code: what it means, why, and what to do."""
    pages = (directory / f"{code}.md" for directory in _PAGES)
    return next((page for page in pages if page.is_file()), None)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them is an error."""
    return any(d.severity is Severity.ERROR for d in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By file and place, without repetitions."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=_place))


def _place(diagnostic: Diagnostic) -> tuple[str, Span | tuple[()], str]:
    return (str(diagnostic.path or ""), diagnostic.span or (), diagnostic.code)


def to_json(diagnostic: Diagnostic) -> Json:
    """The form `spindle check --format json` and the control endpoint speak.

    A problem of a whole file is shown at its beginning.
    """
    span = diagnostic.span
    if span is None and diagnostic.path is not None:
        span = START
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "path": None if diagnostic.path is None else str(diagnostic.path),
        "range": None if span is None else _range(span),
        "related": [
            {"message": r.message, "path": str(r.path), "range": _range(r.span)}
            for r in diagnostic.related
        ],
        "help": diagnostic.help,
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix),
    }


def _range(span: Span) -> Json:
    return {"start": span.start._asdict(), "end": span.end._asdict()}


def _fix(fix: Fix) -> Json:
    return {
        "title": fix.title,
        "safe": fix.safe,
        "edits": [
            {"path": str(e.path), "range": _range(e.span), "newText": e.new_text} for e in fix.edits
        ],
    }


Source = Callable[[Path], str | None]
"""How a renderer gets the text of a file; None when there is none."""


def file_text(path: Path) -> str | None:
    """The text of a file on disk, None when it can't be read."""
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None


def render(
    diagnostic: Diagnostic,
    *,
    source: Source = file_text,
    relative_to: Path | None = None,
    color: bool = False,
    width: int | None = None,
) -> str:
    """Lines for a terminal: the message, the place, an excerpt with carets, help.

    Without a width, lines are as long as they are.
    """
    paint = painter(color)
    severity, code = diagnostic.severity.value, f"[{diagnostic.code}]"
    first, *rest = _wrapped(diagnostic.message, len(f"{severity}{code}: "), width)
    lines = [f"{paint(_COLORS[diagnostic.severity], severity)}{code}: {paint('1', first)}"]
    lines += [f"    {paint('1', line)}" for line in rest]
    if diagnostic.path is not None:
        lines += excerpt(diagnostic.path, diagnostic.span, source, relative_to, paint, width)
    for related in diagnostic.related:
        lines += _labelled("note", related.message, paint, width)
        lines += excerpt(related.path, related.span, source, relative_to, paint, width)
    if diagnostic.help is not None:
        lines += _labelled("help", diagnostic.help, paint, width)
    return "\n".join(lines)


def _labelled(label: str, text: str, paint: Paint, width: int | None) -> list[str]:
    wrapped = [part for line in text.splitlines() for part in _wrapped(line, 8, width, 8)]
    first, *rest = wrapped or [""]
    return [f"  {paint('36', label)}: {first}", *(f"        {line}" for line in rest)]


def _wrapped(text: str, first: int, width: int | None, later: int = 4) -> list[str]:
    """Lines no wider than the width, when so much stands before the first and before the others."""
    if width is None or len(text) + first <= width:
        return [text]
    wrapped = textwrap.wrap(
        text,
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * later,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.strip() for line in wrapped]


_COLORS = {
    Severity.ERROR: "1;31",
    Severity.WARNING: "1;33",
    Severity.INFO: "1;36",
    Severity.HINT: "1;32",
}


Paint = Callable[[str, str], str]
"""Puts text in a style, given by its number."""


def painter(color: bool) -> Paint:
    """Puts text in a style, by its number, if there are colours."""
    if not color:
        return lambda _style, text: text
    return lambda style, text: f"\x1b[{style}m{text}\x1b[0m"


def excerpt(
    path: Path,
    span: Span | None,
    source: Source,
    relative_to: Path | None,
    paint: Paint,
    width: int | None = None,
) -> list[str]:
    """A place and, where there is a span in a text, its line with carets.

    Of a line wider than the width only what is around the carets is shown.
    """
    shown = path
    if relative_to is not None and path.is_relative_to(relative_to):
        shown = path.relative_to(relative_to)
    if span is None:
        return [f"  --> {shown}"]
    where = f"  --> {shown}:{span.start.line + 1}:{span.start.character + 1}"
    text = source(path)
    lines = [] if text is None else text.split("\n")
    if span.start.line >= len(lines):
        return [where]
    line = lines[span.start.line].rstrip("\r")
    end = span.end.character if span.end.line == span.start.line else utf16_length(line)
    number = str(span.start.line + 1)
    gutter = " " * len(number)
    before = len(_expanded(line, 0, span.start.character))
    marked = max(1, len(_expanded(line, span.start.character, end)))
    room = None if width is None else max(20, width - len(number) - 3)
    shown_line, before, marked = _clipped(line.expandtabs(4), before, marked, room)
    return [
        where,
        f"{gutter} |",
        f"{number} | {shown_line}",
        f"{gutter} | {' ' * before}{paint('1;31', '^' * marked)}",
    ]


def _clipped(line: str, before: int, marked: int, room: int | None) -> tuple[str, int, int]:
    """A line that fits, and where the carets go in it."""
    if room is None or len(line) <= room:
        return line, before, marked
    # Some of what stands before is context enough.
    start = max(0, min(before + min(marked, room) - room + 1, before - 1, len(line) - room))
    end = start + room
    clipped = line[start:end]
    if start:
        clipped = f"…{clipped[1:]}"
    if end < len(line):
        clipped = f"{clipped[:-1]}…"
    return clipped, before - start, max(1, min(marked, room - (before - start)))


def _expanded(line: str, start: int, end: int) -> str:
    """The part of a line between two UTF-16 columns, as wide as it is shown."""
    units = line.encode("utf-16-le", "surrogatepass")
    upto = units[: 2 * end].decode("utf-16-le", "ignore").expandtabs(4)
    return upto[len(units[: 2 * start].decode("utf-16-le", "ignore").expandtabs(4)) :]

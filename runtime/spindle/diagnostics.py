"""A problem in something a person wrote: what, where, why, and what to do about it.

Every checker returns `Diagnostic`s and every front end renders them; this module knows their
shape, their JSON form and their plain-text form. An error means that the application can't start
or can't be built; whatever starts but surprises is a warning.
"""

from __future__ import annotations

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
    """Whether it can be applied unseen: it changes no meaning but the problem's and loses nothing."""


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
) -> str:
    """Lines for a terminal: the message, the place, an excerpt with carets, help."""
    paint = painter(color)
    severity = paint(_COLORS[diagnostic.severity], diagnostic.severity.value)
    lines = [f"{severity}[{diagnostic.code}]: {paint('1', diagnostic.message)}"]
    if diagnostic.path is not None:
        lines += excerpt(diagnostic.path, diagnostic.span, source, relative_to, paint)
    for related in diagnostic.related:
        lines.append(f"  {paint('36', 'note')}: {related.message}")
        lines += excerpt(related.path, related.span, source, relative_to, paint)
    if diagnostic.help is not None:
        first, *rest = diagnostic.help.splitlines()
        lines.append(f"  {paint('36', 'help')}: {first}")
        lines += [f"        {line}" for line in rest]
    return "\n".join(lines)


_COLORS = {
    Severity.ERROR: "1;31",
    Severity.WARNING: "1;33",
    Severity.INFO: "1;36",
    Severity.HINT: "1;32",
}


def painter(color: bool) -> Callable[[str, str], str]:
    """Puts text in a style, by its number, if there are colours."""
    if not color:
        return lambda _style, text: text
    return lambda style, text: f"\x1b[{style}m{text}\x1b[0m"


def excerpt(
    path: Path,
    span: Span | None,
    source: Source,
    relative_to: Path | None,
    paint: Callable[[str, str], str],
) -> list[str]:
    """A place and, where there is a span in a text, its line with carets."""
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
    before = _expanded(line, 0, span.start.character)
    marked = _expanded(line, span.start.character, end)
    number = str(span.start.line + 1)
    gutter = " " * len(number)
    return [
        where,
        f"{gutter} |",
        f"{number} | {line.expandtabs(4)}",
        f"{gutter} | {' ' * len(before)}{paint('1;31', '^' * max(1, len(marked)))}",
    ]


def _expanded(line: str, start: int, end: int) -> str:
    """The part of a line between two UTF-16 columns, as wide as it is shown."""
    units = line.encode("utf-16-le", "surrogatepass")
    upto = units[: 2 * end].decode("utf-16-le", "ignore").expandtabs(4)
    return upto[len(units[: 2 * start].decode("utf-16-le", "ignore").expandtabs(4)) :]

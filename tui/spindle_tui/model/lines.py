"""Lines of styled text, as pages are made of; what leads elsewhere says where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.cells import cell_len, chop_cells


class Span(NamedTuple):
    """Some characters that are meant alike: `key`, `string`, `number`, `dim`, `good`, `bad`, …"""

    text: str
    style: str = ""


class Place(NamedTuple):
    """A place of a source file."""

    path: str
    line: int | None


class Line(NamedTuple):
    """One line; its text has no control characters."""

    spans: tuple[Span, ...] = ()
    place: Place | None = None
    """What it is about."""
    exchange: str | None = None
    """The exchange it is about."""

    @property
    def text(self) -> str:
        """Without styles."""
        return "".join(span.text for span in self.spans)

    @property
    def leads(self) -> bool:
        """Whether there is something to open."""
        return self.place is not None or self.exchange is not None


EMPTY = Line()


def line(*parts: str | Span) -> Line:
    """A line of spans and plain texts."""
    return Line(tuple(Span(part) if isinstance(part, str) else part for part in parts))


def note(text: str) -> Line:
    """A line that is less important."""
    return line(Span(text, "dim"))


def heading(text: str) -> Line:
    """The title of what follows."""
    return line(Span(text, "head"))


def fields(rows: Iterable[tuple[str, str | Span]]) -> list[Line]:
    """Names and values, the values below one another."""
    pairs = list(rows)
    width = max((cell_len(name) for name, _ in pairs), default=0)
    return [
        line(Span(name + " " * (width - cell_len(name) + 2), "key"), value) for name, value in pairs
    ]


def wrapped(lines: Iterable[Line], width: int) -> list[Line]:
    """The same text in lines no wider than so many cells; where one goes on says so itself."""
    made: list[Line] = []
    for each in lines:
        if sum(cell_len(span.text) for span in each.spans) <= width:
            made.append(each)
        else:
            made += [each._replace(spans=spans) for spans in _cut(each.spans, max(1, width))]
    return made


def _cut(spans: Iterable[Span], width: int) -> Iterator[tuple[Span, ...]]:
    row: list[Span] = []
    room = width
    for span in spans:
        rest = span.text
        while rest:
            if cell_len(rest) <= room:
                row.append(Span(rest, span.style))
                room -= cell_len(rest)
                break
            fits = chop_cells(rest, room)[0] if room > 0 else ""
            if fits and cell_len(fits) <= room:
                row.append(Span(fits, span.style))
                rest = rest[len(fits) :]
            elif not row:
                rest = rest[1:]  # a character wider than the line
                continue
            yield tuple(row)
            row, room = [], width
    if row:
        yield tuple(row)


def text_of(lines: Iterable[Line]) -> str:
    """What is copied of lines."""
    return "".join(f"{each.text}\n" for each in lines)

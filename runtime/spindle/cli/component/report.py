"""Findings as lines for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from textwrap import wrap

from spindle.cli.component.binary import printable
from spindle.cli.component.findings import Findings
from spindle.interfaces import Import
from spindle.text import counted, readable_size
from spindle.wasm.decoder import Kind
from spindle.wasm.names import InterfaceName, parse_extern_name
from spindle.wasm.outline import Outline

WIDTH = 80
MOST = 40
"""Rows of one heading; more are only counted."""


def report_lines(name: str, findings: Findings, *, color: bool = False) -> Iterator[str]:
    """The lines, beginning with a file's name."""
    style = Style(color)
    outline = findings.outline
    size = readable_size(outline.size)
    yield f"{style.strong(printable(name, 50))}  {outline.kind.value}, {size}"
    yield from fact("language", findings.languages[:1], style)
    yield from fact("WASI", findings.wasi, style)
    yield from fact("made by", findings.tools, style)
    yield from exports(findings, style)
    yield from imports(findings, style)
    yield from structure(outline, style)
    yield from sections(findings, style)


def fact(name: str, values: Sequence[str], style: Style) -> Iterator[str]:
    """A name and a list, if there is anything on it."""
    # What is one value stays on one line.
    shown = ", ".join(printable(value, 60).replace(" ", "\0") for value in values[:MOST])
    if shown:
        first, *rest = (line.replace("\0", " ") for line in wrapped(shown, WIDTH - 12))
        yield f"  {style.faint(f'{name:<9}')} {first}"
        yield from (f"{'':<12}{line}" for line in rest)


class Style:
    """Colours, or none."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def strong(self, text: str) -> str:
        """What headings and names are in."""
        return self._in("1", text)

    def good(self, text: str) -> str:
        """What is there."""
        return self._in("32", text)

    def key(self, text: str) -> str:
        """A key of the manifest."""
        return self._in("36", text)

    def bad(self, text: str) -> str:
        """What is not there."""
        return self._in("31", text)

    def faint(self, text: str) -> str:
        """What matters less."""
        return self._in("2", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


def exports(findings: Findings, style: Style) -> Iterator[str]:
    """What is exported, and what calls it."""
    rows = findings.exports
    if not rows:
        yield from ("", style.strong("Exports"), "  nothing a trigger calls")
        return
    yield from ("", heading("Exports", "called by", style))
    for row in rows[:MOST]:
        by = style.good(row.trigger) if row.trigger else style.faint("components")
        yield columns(printable(row.name, 54), by)
    yield from left_out(len(rows))


def imports(findings: Findings, style: Style) -> Iterator[str]:
    """What is imported by package, with the key that grants it."""
    if not findings.imports:
        return
    if findings.outline.kind is Kind.MODULE:
        yield from ("", style.strong("Imports from"))
        names = ", ".join(printable(row.name, 40) for row in findings.imports[:MOST])
        yield from (f"  {line}" for line in wrapped(names, WIDTH - 2))
        yield from left_out(len(findings.imports))
        return
    hosted = [row for row in findings.imports if row.interface is not None]
    others = [row for row in findings.imports if row.interface is None]
    if hosted:
        yield from ("", heading("Imports", "granted by", style))
        groups = grouped(hosted)
        for (package, grant), interfaces in islice(groups.items(), MOST):
            yield from import_row(package, grant, interfaces, style)
        yield from left_out(len(groups))
    if others:
        yield from ("", heading("Imports that the host lacks", "must come from", style))
        for row in others[:MOST]:
            yield columns(printable(row.name, 54), style.bad("a dependency"))
            if row.nearest:
                yield f"    {style.faint(f'the host has {row.nearest}')}"
        yield from left_out(len(others))


def grouped(rows: Sequence[Import]) -> dict[tuple[str, str], list[str]]:
    """The names of interfaces by package and grant, in order."""
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        name = parse_extern_name(row.name)
        if isinstance(name, InterfaceName):
            groups.setdefault((name.qualified_package, row.grant or ""), []).append(name.interface)
    return dict(sorted(groups.items()))


def import_row(package: str, grant: str, names: list[str], style: Style) -> Iterator[str]:
    """A package, its interfaces, and the key; what is too long gets lines of its own."""
    width = 30 if grant else 52
    lines = [printable(line, width) for line in wrapped(", ".join(names), width)]
    if len(package) <= 22:
        yield columns(f"{package:<24}{lines.pop(0)}", style.key(grant))
    else:
        yield columns(printable(package, 54), style.key(grant))
    for line in lines[:MOST]:
        yield f"{'':<26}{line}"


def structure(outline: Outline, style: Style) -> Iterator[str]:
    """The nested parts as a tree, with their sizes."""
    if outline.kind is Kind.MODULE:
        return
    instances = outline.count("instance") + outline.count("core instance")
    yield from ("", heading("Structure", counted(instances, "instance"), style))
    rows = list(islice(tree(outline), MOST + 1))
    for branch, part in rows[:MOST]:
        kind = "module" if part.kind is Kind.MODULE else "component"
        name = printable(part.name or f"at {part.start:#x}", 44 - len(branch))
        label = f"{branch}{kind:<9} {name}"
        yield sized(label, style.faint(branch) + label[len(branch) :], part.size, outline.size)
    if len(rows) > MOST:
        yield from left_out(sum(1 for _ in outline.walk()) - 1)


def tree(outline: Outline, before: str = "  ") -> Iterator[tuple[str, Outline]]:
    """Each nested part with the branch that leads to it."""
    for number, part in enumerate(outline.nested, 1):
        last = number == len(outline.nested)
        yield before[-20:] + ("└ " if last else "├ "), part
        yield from tree(part, before + ("  " if last else "│ "))


def sections(findings: Findings, style: Style) -> Iterator[str]:
    """How much of the file is what."""
    yield from ("", style.strong("Sections"))
    sizes = [(f"  {printable(name, 50)}", n) for name, n in findings.sizes.most_common()]
    if rest := sizes[12:]:
        sizes = [*sizes[:12], (f"  {len(rest)} others", sum(n for _, n in rest))]
    for label, n in sizes:
        yield sized(label, label, n, findings.outline.size)


def heading(left: str, right: str, style: Style) -> str:
    """A heading over two columns."""
    return f"{style.strong(left)}{' ' * (57 - len(left))}{style.faint(right)}"


def columns(left: str, right: str) -> str:
    """A row under a heading of two columns."""
    return f"  {left:<55}{right}".rstrip()


def sized(plain: str, label: str, bytes_: int, whole: int) -> str:
    """A row with a size and its share; `plain` is the label without colours."""
    share = 100 * bytes_ / whole
    return f"{label}{' ' * (58 - len(plain))}{readable_size(bytes_):>11}{share:>8.1f} %"


def left_out(count: int) -> Iterator[str]:
    """How many rows are not shown."""
    if count > MOST:
        yield f"  … and {count - MOST} more"


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines."""
    return wrap(text, width, break_on_hyphens=False) or [""]

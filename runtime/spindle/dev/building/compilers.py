"""What compilers say, as diagnostics: the places they name in the files they were given.

Only what is said of a place is read; the whole output is shown to the person in any case.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from spindle.dev.watching.ignored import is_ignored
from spindle.diagnostics import Diagnostic, Severity, in_order
from spindle.text import Position, Span

_ERROR = Diagnostic("build-error", Severity.ERROR, "")
_WARNING = Diagnostic("build-warning", Severity.WARNING, "")
MOST = 100
"""Diagnostics read of one build."""

_COLORS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r")

_RUST_HEAD = re.compile(r"(?P<level>error|warning)(\[(?P<name>\w+)\])?: (?P<message>.+)")
_RUST_PLACE = re.compile(r"\s*--> (?P<path>.+?):(?P<line>\d+):(?P<column>\d+)$")
_ONE_LINE = (
    # clang, gcc, zig, tsc --pretty, go vet …
    re.compile(
        r"(?P<path>[^\s:][^:]*):(?P<line>\d+):(?P<column>\d+)(?: -|:) "
        r"(?:fatal )?(?P<level>error|warning)(?: \w+)?: (?P<message>.+)"
    ),
    # tsc
    re.compile(
        r"(?P<path>[^\s(][^(]*)\((?P<line>\d+),(?P<column>\d+)\): "
        r"(?P<level>error|warning)(?: \w+)?: (?P<message>.+)"
    ),
    # go, tinygo
    re.compile(r"(?P<path>\S+\.go):(?P<line>\d+):(?P<column>\d+): (?P<message>.+)"),
    # SpiderMonkey, while a JavaScript component is made
    re.compile(r"(?P<path>[^\s:@]\S*):(?P<line>\d+):(?P<column>\d+) (?P<message>\w*Error: .+)"),
    # python's compileall, make
    re.compile(r"(?P<path>[^\s:]\S*):(?P<line>\d+): (?P<level>error|warning): (?P<message>.+)"),
)
_ESBUILD_HEAD = re.compile(r"(?:✘ |▲ |X )?\[(?P<level>ERROR|WARNING)\] (?P<message>.+)")
_ESBUILD_PLACE = re.compile(r"\s{2,}(?P<path>\S.*?):(?P<line>\d+):(?P<column>\d+):$")
_PYTHON_FRAME = re.compile(r'(?:.*\s)?File "(?P<path>[^"]+)", line (?P<line>\d+)')
_PYTHON_ROOT = re.compile(r"/\d+/")
"""Where componentize-py has the directories it finds modules in."""
_PYTHON_ANEW = "Traceback (most recent call last):"
"""An exception may say another one's traceback."""
_PYTHON_END = re.compile(r"(?P<message>(?:\w+\.)*\w*(?:Error|Exception|Interrupt|Warning)\b.*)")

_FAILED = re.compile(r"An error occurred during the componentization process: (?P<problem>.+)")
"""What Spin's `j2w` writes when it failed; it ends with status 0 nevertheless."""


def failure_in(lines: Iterable[str]) -> str | None:
    """What a tool says it failed of whose status doesn't."""
    found = next((found for line in lines if (found := _FAILED.match(line))), None)
    return None if found is None else found["problem"].removeprefix("Error: ").rstrip(":")


def diagnostics_of(lines: Iterable[str], directory: Path) -> tuple[Diagnostic, ...]:
    """The problems that compilers report at places, run in a directory."""
    plain = [without_colors(line).rstrip("\n") for line in lines]
    found: list[Diagnostic] = []
    for diagnostic in _read(plain, directory):
        found.append(diagnostic)
        if len(found) >= MOST:
            break
    return in_order(found)


def _read(lines: list[str], directory: Path) -> Iterator[Diagnostic]:
    head: re.Match[str] | None = None
    frame: re.Match[str] | None = None
    for line in lines:
        if line.endswith(_PYTHON_ANEW):
            frame = None
        elif (match := _one_line(line)) is not None:
            yield _diagnostic(match, match, directory)
            head = None
        elif (place := _RUST_PLACE.match(line) or _ESBUILD_PLACE.match(line)) is not None:
            if head is not None:
                yield _diagnostic(head, place, directory)
            head = None
        elif (found := _PYTHON_FRAME.match(line)) is not None:
            frame = _innermost(frame, found, directory)
        elif frame is not None and (end := _PYTHON_END.match(line)) is not None:
            if not _is_of_tools(frame["path"], directory):
                yield _diagnostic(end, frame, directory)
            frame = None
        elif (found := _RUST_HEAD.match(line) or _ESBUILD_HEAD.match(line)) is not None:
            head = found


def _one_line(line: str) -> re.Match[str] | None:
    return next((found for form in _ONE_LINE if (found := form.match(line))), None)


def _innermost(
    before: re.Match[str] | None, frame: re.Match[str], directory: Path
) -> re.Match[str]:
    """The frame to show: the last one of the person's own files, or else the last."""
    if (
        before is None
        or _is_own(frame["path"], directory)
        or not _is_own(before["path"], directory)
    ):
        return frame
    return before


def without_colors(line: str) -> str:
    """A line of output without what tells terminals how to show it."""
    return _COLORS.sub("", line)


def without_backtrace(lines: Sequence[str]) -> Sequence[str]:
    """Output without the stacks of the tools themselves, which say nothing to who uses them."""
    for number, line in enumerate(lines):
        if line.strip() == "Stack backtrace:":
            return lines[:number]
    return lines


def _place(path: str, directory: Path) -> Path:
    if _PYTHON_ROOT.match(path):
        path = _PYTHON_ROOT.sub("", path, count=1)
    return Path(os.path.normpath(directory / path))


def _is_own(path: str, directory: Path) -> bool:
    full = str(_place(path, directory))
    is_inside = full.startswith(f"{directory}{os.sep}") and os.path.isfile(full)  # noqa: PTH113
    return is_inside and not _is_of_tools(path, directory)


def _is_of_tools(path: str, directory: Path) -> bool:
    """Whether a file was put below the directory by a tool: nobody mends it there."""
    place = _place(path, directory)
    return place.is_relative_to(directory) and is_ignored(place.relative_to(directory).as_posix())


def _diagnostic(said: re.Match[str], place: re.Match[str], directory: Path) -> Diagnostic:
    level = (said.groupdict().get("level") or "error").lower()
    line = max(0, int(place["line"]) - 1)
    column = max(0, int(place.groupdict().get("column") or 1) - 1)
    here = Position(line, column)
    name = said.groupdict().get("name")
    message = said["message"].strip()
    return (_WARNING if level == "warning" else _ERROR)._replace(
        message=f"{message} [{name}]" if name else message,
        path=_place(place["path"], directory),
        span=Span(here, here),
    )

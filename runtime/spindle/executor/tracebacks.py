"""What guests' languages print when something fails, found in what a guest wrote to stderr."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from spindle.exchange import Frame, Traceback

LONGEST_LINE = 2000
"""Characters of a line that are looked at."""
MOST_LINES = 4000
MOST_FRAMES = 100
MOST_MESSAGE_LINES = 20

Lines = Sequence[str]


def find_traceback(stderr: str) -> Traceback | None:
    """The last failure that a guest printed.

    Python's and JavaScript's runtimes are themselves programs that fail in their own language
    afterwards, so what these print comes first.
    """
    lines = [line[:LONGEST_LINE].rstrip("\r") for line in stderr.split("\n")[-MOST_LINES:]]
    for read in (_python, _javascript, _go, _rust, _c):
        if found := read(lines):
            return found._replace(frames=found.frames[:MOST_FRAMES])
    return None


def _python(lines: Lines) -> Traceback | None:
    start = _last(lines, lambda line: line == "Traceback (most recent call last):")
    if start is None:
        return None
    frames: list[Frame] = []
    for number, line in enumerate(lines[start + 1 :], start + 1):
        if frame := _PYTHON_FRAME.match(line):
            frames.append(Frame(frame[3], frame[1], int(frame[2])))
        elif line and not line.startswith(" "):
            return Traceback("Python", _message(lines, number), tuple(reversed(frames)))
    return None


_PYTHON_FRAME = re.compile(r'^  File "(.+)", line (\d{1,9}), in (.+)$')


def _javascript(lines: Lines) -> Traceback | None:
    start = _last(lines, lambda line: _javascript_frame(line) is not None)
    if start is None:
        return None
    while start and _javascript_frame(lines[start - 1]):
        start -= 1
    frames = [frame for line in lines[start:] if (frame := _javascript_frame(line))]
    before = [line for line in lines[max(0, start - 3) : start] if line.strip() not in _NO_MESSAGE]
    message = before[-1].strip() if before else ""
    return Traceback("JavaScript", message.removeprefix(_STARLING_MONKEY), tuple(frames))


_NO_MESSAGE = ("", "Stack:", "Stack trace:")
_STARLING_MONKEY = "Error while running request handler: "
_SPIDER_MONKEY_FRAME = re.compile(r"^\s*([^@]*)@([^@]+):(\d{1,9}):(\d{1,9})$")
_V8_FRAME = re.compile(r"^\s+at (?:(.+) \()?([^()]+):(\d{1,9}):(\d{1,9})\)?$")


def _javascript_frame(line: str) -> Frame | None:
    found = _SPIDER_MONKEY_FRAME.match(line) or _V8_FRAME.match(line)
    if found is None:
        return None
    return Frame(found[1] or "<anonymous>", found[2], int(found[3]), int(found[4]))


def _go(lines: Lines) -> Traceback | None:
    start = _last(lines, lambda line: line.startswith("panic: "))
    if start is None:
        return None
    return Traceback("Go", lines[start].removeprefix("panic: "), tuple(_go_frames(lines[start:])))


def _go_frames(lines: Lines) -> Iterator[Frame]:
    for function, place in pairwise(lines):
        if found := _GO_PLACE.match(place):
            yield Frame(_GO_ARGUMENTS.sub("", function), found[1], int(found[2]))


_GO_PLACE = re.compile(r"^\t(.+):(\d{1,9})(?: \+0x[0-9a-f]+)?$")
_GO_ARGUMENTS = re.compile(r"\([^()]*\)$")


def _rust(lines: Lines) -> Traceback | None:
    start = _last(lines, lambda line: _RUST_PANIC.match(line) is not None)
    if start is None:
        return None
    found = _RUST_PANIC.match(lines[start])
    assert found is not None
    frame = Frame(f"thread '{found[1]}'", found[3], int(found[4]), int(found[5]))
    message = found[2] if found[2] is not None else _message(lines, start + 1)
    return Traceback("Rust", message, (frame,))


_RUST_PANIC = re.compile(
    r"^thread '([^']*)'(?: \(\d+\))? panicked at (?:'(.*)', )?(.+?):(\d{1,9}):(\d{1,9}):?$"
)


def _c(lines: Lines) -> Traceback | None:
    start = _last(lines, lambda line: _C_ASSERT.match(line) is not None)
    if start is None:
        return None
    found = _C_ASSERT.match(lines[start])
    assert found is not None
    frame = Frame(found[3], found[2], int(found[4]))
    return Traceback("C", f"Assertion failed: {found[1]}", (frame,))


_C_ASSERT = re.compile(r"^Assertion failed: (.+) \((.+): (.+): (\d{1,9})\)$")


def _last(lines: Lines, matches: Callable[[str], bool]) -> int | None:
    return next((i for i in range(len(lines) - 1, -1, -1) if matches(lines[i])), None)


def _message(lines: Lines, start: int) -> str:
    """A message of possibly several lines."""
    taken: list[str] = []
    for line in lines[start : start + MOST_MESSAGE_LINES]:
        if not line.strip() or line.startswith(("note: ", "stack backtrace:", "thread '")):
            break
        taken.append(line)
    return "\n".join(taken)

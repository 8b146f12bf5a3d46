"""A guest's failure as a person reads it: why, the line of theirs it came to, and how it got there.

Frames of the person's own sources stand out; those of runtimes and libraries between them are
counted, not listed, unless there are no others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from spindle.diagnostics import excerpt, file_text, painter
from spindle.exchange import Exchange, Frame, HttpInput, Trap
from spindle.text import Position, Span, printable

if TYPE_CHECKING:
    from spindle.executor import Failure

Paint = Callable[[str, str], str]

ERROR, STRONG, DIM, NOTE = "1;31", "1", "2", "36"

MOST_SHOWN = 12
"""Frames in a row that are listed."""
FEW_SHOWN = 4
"""The same of an interpreter's own stack."""
WIDEST = 72
"""Characters of a function's name, from its beginning."""
LARGEST_SOURCE = 4 << 20
"""Bytes of a file that a line is quoted from."""

SOURCE_SUFFIXES = frozenset(
    (
        ".c", ".cc", ".cpp", ".cxx", ".go", ".h", ".hpp", ".js", ".jsx", ".mbt", ".mjs", ".odin",
        ".py", ".rs", ".swift", ".ts", ".tsx", ".wat", ".zig",
    )
)  # fmt: skip
"""What lines are quoted from: a guest can name any file."""

DEBUG_HINT = (
    "it was built without debug information: with it, lines are shown here (Rust: `debug = true` "
    "in the profile; C, C++ and TinyGo: `-g`)"
)

_OF_RUNTIMES = re.compile(
    r"^<?(?:dyn |&)?(?:core|std|alloc|wit_bindgen\w*|compiler_builtins|panic_abort|__rustc)::"
    r"|^(?:__?rust|rust_|cabi_|_start$|__wasm|__wasi|wasi_|abort$|dlmalloc|dlfree|wit_)"
    r"|^_?Py[A-Z_]|^(?:js|JS|runtime|std)(?:::|\.)|#|^function \d+$"
)
_TRAIT_PATH = re.compile(r" as (?:\w+::)+")
_OF_INTERPRETERS = re.compile(r"^_?Py[A-Z_]|^(?:js|JS)::|^componentize")


def what_failed(failure: Failure) -> str:
    """The request, or the component if it is not one."""
    titles = [title_of(exchange) for exchange in failure.exchanges]
    return titles[0] if titles else f"component `{failure.component}`"


def title_of(exchange: Exchange) -> str:
    """What was asked."""
    asked = exchange.input
    if isinstance(asked, HttpInput):
        return printable(f"{asked.method} {asked.path_with_query}")
    return printable(f"{exchange.trigger} {exchange.target}")


def render_failure(failure: Failure, root: Path, here: Path, *, color: bool = False) -> str:
    """Lines for a terminal; sources lie below `root`, paths are told from `here`."""
    paint = painter(color)
    trap = failure.trap
    reason, *rest = trap.reason.splitlines() or [""]
    message = trap.traceback.message.splitlines()[:1] if trap.traceback else []
    why = ": ".join((reason, *message))
    lines = [f"{paint(ERROR, 'error')}: {what_failed(failure)}: {paint(STRONG, why)}"]
    lines += [f"  {line}" for line in rest]
    return "\n".join((*lines, *_details(failure, root, here, paint)))


def render_stack(failure: Failure, root: Path, here: Path, *, color: bool = False) -> str:
    """The same without the reason."""
    return "\n".join(_details(failure, root, here, painter(color)))


def lacks_lines(failure: Failure) -> bool:
    """Whether a build with debug information would tell more."""
    trap = failure.trap
    return bool(trap.frames) and not (failure.lines_known or _is_interpreted(trap))


def _is_interpreted(trap: Trap) -> bool:
    """Whether the core stack is an interpreter's."""
    language = trap.traceback.language if trap.traceback else ""
    named = any(_OF_INTERPRETERS.match(frame.function) for frame in trap.frames)
    return named or language in ("Python", "JavaScript")


def _details(failure: Failure, root: Path, here: Path, paint: Paint) -> Iterator[str]:
    trap = failure.trap
    told = trap.traceback.frames if trap.traceback else ()
    first = next((f for f in (*told, *trap.frames) if _quotable(f, root)), None)
    if first is not None and first.file is not None and first.line is not None:
        at = Position(first.line - 1, max(0, (first.column or 1) - 1))
        yield from _quoted(root / first.file, at, here, paint, whole=first.column is None)
    yield f"  {paint(NOTE, 'in')}: {_where(failure)}"
    if len(failure.exchanges) > 1:
        others = ", ".join(title_of(exchange) for exchange in failure.exchanges[1:])
        yield f"  {paint(NOTE, 'note')}: it ended these, too: {printable(others)}"
    for hint in getattr(failure.error, "hints", ()):
        yield f"  {paint(NOTE, 'help')}: {printable(hint)}"
    yield from _stacks(trap, root, here, paint)


def _where(failure: Failure) -> str:
    parts = [f"component `{failure.component}`"]
    if failure.trap.dependency:
        parts.insert(0, f"dependency `{printable(failure.trap.dependency)}`")
    if failure.trap.export:
        parts.append(f"export `{printable(failure.trap.export)}`")
    if failure.exchanges:
        parts.append(f"exchange {failure.exchanges[0].id}")
    return ", ".join(parts)


def _stacks(trap: Trap, root: Path, here: Path, paint: Paint) -> Iterator[str]:
    """Both stacks, but not that of an interpreter below its program's."""
    traceback = trap.traceback
    if traceback is not None and len(traceback.frames) > 1:
        yield f"  {paint(NOTE, traceback.language)}, innermost first:"
        yield from _stack(traceback.frames, root, here, paint)
        if not any(_is_own(frame, root) for frame in trap.frames):
            return
    if trap.frames:
        yield f"  {paint(NOTE, 'stack')}, innermost first:"
        most = FEW_SHOWN if _is_interpreted(trap) else MOST_SHOWN
        yield from _stack(trap.frames, root, here, paint, most)


def _stack(
    frames: tuple[Frame, ...], root: Path, here: Path, paint: Paint, most: int = MOST_SHOWN
) -> Iterator[str]:
    interesting = _all if most == FEW_SHOWN else _interesting(frames, root)
    width = max((len(_name(f)) for f in frames if interesting(f)), default=0)
    for shown, group in groupby(frames, interesting):
        some = list(group)
        runs = [(frame, len(list(same))) for frame, same in groupby(some)]
        for frame, times in runs[:most] if shown else ():
            own = _is_own(frame, root)
            place = _place(frame, root if own else None, here)
            again = f"  ({times} times)" if times > 1 else ""
            line = f"    {_name(frame):{width}}  {place}".rstrip() + again
            yield paint(STRONG, line) if own else line
        left = sum(times for _, times in runs[most:]) if shown else len(some)
        if left > 0:
            of = "more" if shown else "of runtimes and libraries"
            yield paint(DIM, f"    … {left} {of}")


def _interesting(frames: Iterable[Frame], root: Path) -> Callable[[Frame], bool]:
    """What to list: the person's own frames; else those that may be; else all."""
    if any(_is_own(frame, root) for frame in frames):
        return lambda frame: _is_own(frame, root)
    if any(_may_be_own(frame) for frame in frames):
        return _may_be_own
    return _all


def _all(_frame: Frame) -> bool:
    return True


def _may_be_own(frame: Frame) -> bool:
    return frame.file is None and _OF_RUNTIMES.search(frame.function) is None


def _is_own(frame: Frame, root: Path) -> bool:
    """Whether a frame's source is below the root."""
    if frame.file is None or Path(frame.file).is_absolute() or ".." in Path(frame.file).parts:
        return False
    try:
        return (root / frame.file).is_file()
    except (OSError, ValueError):  # no path a file could have
        return False


def _quotable(frame: Frame, root: Path) -> bool:
    if frame.file is None or not frame.line or not _is_own(frame, root):
        return False
    path = root / frame.file
    return path.suffix in SOURCE_SUFFIXES and path.stat().st_size <= LARGEST_SOURCE


def _quoted(path: Path, at: Position, here: Path, paint: Paint, *, whole: bool) -> list[str]:
    """A place with its line; the caret is under its column, or under all of it."""
    text = file_text(path)
    lines = [] if text is None else text.split("\n")
    if whole and at.line < len(lines):
        line = lines[at.line].rstrip()
        start = len(line) - len(line.lstrip())
        span = Span(Position(at.line, start), Position(at.line, len(line)))
    else:
        span = Span(at, at)
    return excerpt(path, span, lambda _path: text, here, paint)


def _name(frame: Frame) -> str:
    """A function's name, of a trait's path only its end."""
    name = _TRAIT_PATH.sub(" as ", frame.function)
    return name if len(name) <= WIDEST else f"{name[: WIDEST - 1]}…"


def _place(frame: Frame, root: Path | None, here: Path) -> str:
    if frame.file is None:
        return ""
    path = frame.file
    if root is not None and (whole := root / path).is_relative_to(here):
        path = str(whole.relative_to(here))
    return ":".join(str(part) for part in (path, frame.line, frame.column) if part is not None)

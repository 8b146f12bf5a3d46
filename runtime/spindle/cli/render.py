"""What a person sees on the terminal; nobody else writes to stderr.

stdout is for what was asked for, stderr for narration and problems. Colours appear only on a
terminal, and not where `NO_COLOR` is set.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from spindle.dev.console import has_color
from spindle.dev.problems import BuildFailed, ManifestError
from spindle.diagnostics import Diagnostic, Severity, render
from spindle.errors import SpindleError

if TYPE_CHECKING:
    from spindle.executor import Failure

_STYLES = {"error": "1;31", "warning": "1;33", "help": "36", "note": "36", "step": "1;32"}


class Terminal:
    """The console of a command: see `spindle.dev.console`."""

    def __init__(self, stdout: TextIO | None = None) -> None:
        self.stdout = stdout if stdout is not None else sys.stdout
        self._hinted: set[str] = set()

    def say(self, text: str) -> None:
        self.stdout.write(f"{text}\n")
        self.stdout.flush()

    def step(self, verb: str, rest: str) -> None:
        self.say(f"{paint('step', verb, self.stdout)} {rest}")

    def narrate(self, text: str) -> None:
        write(text)

    def warn(self, message: str, hints: tuple[str, ...] = ()) -> None:
        write_problem("warning", message, hints)

    def show(self, diagnostics: Iterable[Diagnostic]) -> None:
        show_diagnostics(diagnostics)

    def clear(self) -> None:
        if self.stdout.isatty():
            self.stdout.write("\x1b[2J\x1b[H")

    def report(self, failure: Failure, root: Path) -> None:
        # Imported here, for few commands run guests.
        from spindle.cli import failures

        here, color = Path.cwd(), has_color(sys.stderr)
        if isinstance(failure.error, SpindleError):
            write(failures.render_failure(failure, root, here, color=color))
        else:
            show_bug(failure.error, failures.what_failed(failure))
            write(failures.render_stack(failure, root, here, color=color))
        if failure.component not in self._hinted and failures.lacks_lines(failure):
            self._hinted.add(failure.component)
            write(f"  {paint('help', 'help')}: {failures.DEBUG_HINT}")

    def complain(self, doing: str, error: BaseException) -> None:
        if isinstance(error, SpindleError):
            write_problem("error", f"{doing}: {error.message}", error.hints)
        elif isinstance(error, OSError):
            write_problem("error", f"{doing}: {error}")
        else:
            show_bug(error, doing)


def shown_path(path: Path, here: Path) -> Path:
    """A path as a person in a directory would write it."""
    return path.relative_to(here) if path.is_relative_to(here) else path


def write(text: str) -> None:
    """Put one line on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def write_problem(kind: str, message: str, hints: tuple[str, ...] = ()) -> None:
    """A message after its kind, and each hint on a line of its own."""
    write(f"{paint(kind, kind)}: {message}")
    for hint in hints:
        first, *rest = hint.splitlines()
        write(f"  {paint('help', 'help')}: {first}")
        for line in rest:
            write(f"        {line}")


def show_error(error: SpindleError) -> None:
    """An error a person can do something about."""
    if isinstance(error, ManifestError):
        show_diagnostics(d for d in error.diagnostics if d.severity is Severity.ERROR)
        return
    message = error.message
    if error.path is not None and str(error.path) not in message:
        message = f"{error.path}: {message}"
    write_problem("error", message, error.hints)
    if isinstance(error, BuildFailed) and for_editors():
        for diagnostic in error.diagnostics:
            write(render(diagnostic, source=_no_text))


def for_editors() -> bool:
    """Whether an editor reads along: then paths are whole, and what compilers said is repeated.

    Their own lines say where a place is seen from a component's directory, each in its own form.
    """
    return os.environ.get("SPINDLE_PROBLEMS") == "1"


def paths_from() -> Path | None:
    """The directory that paths of problems are shown from."""
    return None if for_editors() else Path.cwd()


def _no_text(_path: Path) -> None:
    """No excerpt."""


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Every problem, with its place in the text."""
    here, color = paths_from(), has_color(sys.stderr)
    for diagnostic in diagnostics:
        write(render(diagnostic, relative_to=here, color=color))


def show_usage_error(error: click.ClickException) -> None:
    """A command line that can't be understood; lines after the first are hints."""
    message, *hints = (line.strip() for line in error.format_message().splitlines())
    if message.endswith(":"):  # a list follows, one item a line
        message, hints = " ".join((message, *hints)), []
    message = re.sub(r"'([^']+)'", r"`\1`", message[:1].lower() + message[1:].removesuffix("."))
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    if ctx is not None and not hints:
        hints = [f"see `{ctx.command_path} --help`"]
    write_problem("error", message, tuple(hints))


def show_bug(error: BaseException, doing: str = "") -> None:
    """An error nobody foresaw: the trace, and that it is not the person's fault."""
    write("".join(traceback.format_exception(error)).rstrip())
    hint = "please report it with the lines above and the command that led to it"
    message = f"this is a bug in spindle: {type(error).__name__}: {error}"
    write_problem("error", f"{doing}: {message}" if doing else message, (hint,))


def paint(kind: str, text: str, stream: TextIO | None = None) -> str:
    """Text in the colour of its kind, if the stream (stderr by default) shows colours."""
    if not has_color(sys.stderr if stream is None else stream):
        return text
    return f"\x1b[{_STYLES[kind]}m{text}\x1b[0m"

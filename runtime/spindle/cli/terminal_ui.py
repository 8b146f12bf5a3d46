"""The terminal interface beside a host that this terminal began.

It is a process of its own, a child of the host, started before the application is read. While it
has the terminal, whatever the host and its children print goes to a file, which it shows; when it
ends, however it ends, the terminal is as it was, gets the end of that file, and then plain lines.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from spindle.cli.render import Terminal
from spindle.dev.options import UpOptions

PRINTED = 64 * 1024
"""Bytes of what was printed meanwhile that are shown again when the interface has ended."""
PATIENCE_SECONDS = 2.0
"""How long the interface has to notice that its host has ended, and then to do what it is told."""

# What an interface that died may have left on: other screen, no cursor, mouse, focus, paste, keys.
RESET = (
    b"\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l"
    b"\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[0m\r\n"
)


def serve_on_terminal(options: UpOptions, *, tui: bool | None) -> int:
    """Serve, under the terminal interface unless it is not wanted or can't be; the exit status.

    `tui` is what the command line says of it.
    """
    if not shows_itself(options, tui, os.environ):
        return _serve(options)
    with beside(options.source):
        return _serve(options)


def _serve(options: UpOptions) -> int:
    # Imported late: the interface has started by then.
    from spindle.dev.serving import serve

    return serve(options, Terminal())


def shows_itself(options: UpOptions, tui: bool | None, environment: Mapping[str, str]) -> bool:
    """Whether there is a terminal to have, and nothing asks for plain lines."""
    if tui is False or options.format != "plain" or options.quiet or options.follow:
        return False
    if options.arguments or environment.get("TERM", "dumb") == "dumb" or environment.get("CI"):
        return False
    if sys.platform == "win32" or not all(os.isatty(number) for number in (0, 1, 2)):
        return False
    in_front = os.tcgetpgrp(0) == os.getpgrp()
    return in_front and find_spec("textual") is not None and not _commands_only(options.source)


def _commands_only(source: Path) -> bool:
    """Whether an application has nothing but commands, whose output is what is wanted."""
    import tomllib

    try:
        manifest: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
        return list(manifest["trigger"]) == ["command"]
    except (OSError, ValueError, LookupError, TypeError):
        return False  # no manifest, or one that will be complained of


@contextmanager
def beside(manifest: Path) -> Iterator[None]:
    """Have the terminal interface on the terminal; it ends with the block at the latest."""
    companion = Companion(manifest)
    try:
        yield
    finally:
        companion.end()


class Companion:
    """The interface as a child process, and what this process prints meanwhile."""

    def __init__(self, manifest: Path) -> None:
        import termios

        self._manifest = manifest
        self._modes = termios.tcgetattr(0)
        descriptor, path = tempfile.mkstemp(prefix="spindle-", suffix=".txt")
        self._said = Path(path)
        self._terminal = tuple(os.dup(number) for number in (0, 1, 2))
        self._child = self._start()
        self._redirect(descriptor)
        self._waiting = threading.Thread(target=self._wait, daemon=True)
        self._waiting.start()

    def end(self) -> None:
        """See to it that the interface ends, and has given the terminal back."""
        from spindle.client import run_directory

        announced = (run_directory() / f"{os.getpid()}.json").exists()
        for tell in (self._child.terminate, self._child.kill):
            if announced and self._ended():
                break
            announced = True
            with suppress(ProcessLookupError):
                tell()
        self._waiting.join()

    def _ended(self) -> bool:
        self._waiting.join(PATIENCE_SECONDS)
        return not self._waiting.is_alive()

    def _start(self) -> subprocess.Popen[bytes]:
        # `-P`: what lies in the person's directory is not to be imported.
        module = (sys.executable, "-P", "-m", "spindle_tui.beside_host")
        stdin, stdout, stderr = self._terminal
        return subprocess.Popen(
            (*module, str(os.getpid()), str(self._said), str(self._manifest)),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )

    def _redirect(self, descriptor: int) -> None:
        """Have what is printed go to the file, and nothing be read from the terminal."""
        append = os.open(self._said, os.O_WRONLY | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, to in enumerate((nothing, append, append)):
            os.dup2(to, number)
        for number in (descriptor, append, nothing):
            os.close(number)

    def _wait(self) -> None:
        """Once the interface has ended, have the terminal as it was."""
        import termios

        died = self._child.wait() != 0
        out = self._terminal[1]
        with suppress(OSError, termios.error):  # the terminal may be gone
            termios.tcsetattr(self._terminal[0], termios.TCSADRAIN, self._modes)
            if died:
                os.write(out, RESET)
        printed = self._print(out, since=None)
        for number, saved in enumerate(self._terminal):
            os.dup2(saved, number)
            os.close(saved)
        self._print(1, since=printed)
        self._said.unlink(missing_ok=True)

    def _print(self, out: int, since: int | None) -> int:
        """Print what is in the file, or its end if it is long; how far it was read."""
        with self._said.open("rb") as file, suppress(OSError):
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - PRINTED) if since is None else since
            file.seek(start)
            text = file.read()
            if start and since is None:
                text = b"[...]\n" + text.partition(b"\n")[2]
            view = memoryview(text)
            while view:
                view = view[os.write(out, view) :]
        return size

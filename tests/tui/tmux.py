"""A terminal that a test types into and reads, as a person would: tmux."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.services.programs import program

PATIENCE = 60.0
SPINDLE = Path(sys.executable).with_name("spindle")


class Terminal:
    """One terminal with a shell in it."""

    def __init__(self, socket: Path) -> None:
        self._command = [program("tmux", "tmux"), "-S", str(socket), "-f", os.devnull]

    def start(self, directory: Path, environment: Mapping[str, str], size: tuple[int, int]) -> None:
        width, height = map(str, size)
        settings = [f"-e{name}={value}" for name, value in environment.items()]
        shell = (
            "env -u COLUMNS -u LINES PS1='$ ' sh"  # or the window's size would count for nothing
        )
        self._do(
            "new-session", "-d", "-x", width, "-y", height, "-c", str(directory), *settings, shell
        )

    def end(self) -> None:
        """Be gone, as when a person closes the window."""
        subprocess.run([*self._command, "kill-server"], capture_output=True, check=False)

    def run(self, *command: object) -> None:
        """Type a command line."""
        self._do("send-keys", "-l", shlex.join(map(str, command)))
        self.press("Enter")

    def press(self, *keys: str) -> None:
        self._do("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        """Have the window another size, in cells."""
        self._do("resize-window", "-x", str(width), "-y", str(height))

    @property
    def text(self) -> str:
        """What is to be seen."""
        return self._do("capture-pane", "-p")

    def says(self, variable: str) -> str:
        """A format variable of tmux, such as `alternate_on`."""
        return self._do("display-message", "-p", f"#{{{variable}}}").strip()

    def wait_for(self, wanted: str) -> str:
        """Wait until a text is to be seen."""
        until = time.monotonic() + PATIENCE
        while wanted not in (text := self.text):
            assert time.monotonic() < until, f"{wanted!r} is not in\n{text}"
            time.sleep(0.05)
        return text

    def wait_left(self) -> None:
        """Wait until what had the whole screen has given it back."""
        until = time.monotonic() + PATIENCE
        while self.says("alternate_on") == "1":
            assert time.monotonic() < until, self.text
            time.sleep(0.05)

    def _do(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._command, *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
        return done.stdout


@contextmanager
def terminal(
    directory: Path, environment: Mapping[str, str], size: tuple[int, int] = (80, 24)
) -> Iterator[Terminal]:
    """A terminal in a directory; with it ends what was begun in it."""
    made = Terminal(directory / "tmux.socket")
    made.start(directory, environment, size)
    try:
        yield made
    finally:
        made.end()

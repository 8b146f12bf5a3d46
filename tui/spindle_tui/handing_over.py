"""Giving the terminal to a person's editor for a while."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from textual.app import App, SuspendNotSupported

from spindle.errors import HostError
from spindle_tui.model.editors import command_of, editor_of


class NoEditor(HostError):
    """There is no editor, or it can't be used here."""

    code = "no-editor"


def edit(app: App[None], text: str, suffix: str) -> str | None:
    """What a person makes of a text; None if they left it as it was."""
    with tempfile.TemporaryDirectory(prefix="spindle-") as directory:
        path = Path(directory) / f"request{suffix}"
        path.write_text(text, encoding="utf-8")
        show(app, str(path))
        changed = path.read_text(encoding="utf-8", errors="replace")
    return None if changed == text else changed


def show(app: App[None], path: str, line: int | None = None) -> None:
    """Have the editor show a file, and return when it ends; raises `NoEditor`."""
    editor = editor_of(os.environ)
    if editor is None:
        raise NoEditor("no editor is known", hints=("name one in `EDITOR`",))
    command = command_of(editor, path, line)
    try:
        with app.suspend():
            subprocess.run(command, check=False)
    except SuspendNotSupported:
        raise NoEditor("the terminal can't be given to an editor here") from None
    except OSError as error:
        raise NoEditor(f"`{command[0]}` can't be started: {error.strerror}") from None

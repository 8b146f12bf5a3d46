"""How editors are told which place of a file to show."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from shutil import which

PLUS_LINE = {
    "vi",
    "vim",
    "nvim",
    "nano",
    "emacs",
    "emacsclient",
    "micro",
    "kak",
    "joe",
    "pico",
    "ed",
}
GOTO = {"code", "code-insiders", "codium", "cursor", "windsurf"}
COLON = {"hx", "helix", "subl", "zed"}
USUAL = ("nano", "vim", "vi")


def editor_of(environment: Mapping[str, str]) -> list[str] | None:
    """The command of a person's editor; None if there is none."""
    for name in ("VISUAL", "EDITOR"):
        if chosen := environment.get(name, "").strip():
            return shlex.split(chosen)
    return next(([name] for name in USUAL if which(name)), None)


def command_of(editor: list[str], path: str, line: int | None = None) -> list[str]:
    """The command that shows a place of a file."""
    name = Path(editor[0]).stem
    if line is None:
        return [*editor, path]
    if name in PLUS_LINE:
        return [*editor, f"+{line}", path]
    if name in GOTO:
        return [*editor, "--goto", f"{path}:{line}"]
    return [*editor, f"{path}:{line}"] if name in COLON else [*editor, path]

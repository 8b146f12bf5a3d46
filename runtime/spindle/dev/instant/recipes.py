"""Build commands of Python components: which there are, and what a base is built by."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

TOOL = "componentize-py"
LOADER = "_spindle_instant"
"""The module in the application's place."""
WORLD = "spindle:instant/instant"

_FOR_SHELLS = re.compile(r"[|&;<>()$`*?\[\]{}~#\\\n]")
_HAS_VALUE = {
    "-d": "--wit-path",
    "-w": "--world",
    "-p": "--python-path",
    "-m": "--module-worlds",
    "-o": "--output",
    "--features": "--features",
    "--import-interface-name": "--import-interface-name",
    "--export-interface-name": "--export-interface-name",
}
_FLAGS = {"-q": "--quiet", "--all-features": "--all-features", "--full-names": "--full-names"}
_UNSUITED = {
    "-s": "its WASI is stubbed out (`--stub-wasi`)",
    "--stub-wasi": "its WASI is stubbed out (`--stub-wasi`)",
    "-i": "its world is intersected with another (`--intersect-world`)",
    "--intersect-world": "its world is intersected with another (`--intersect-world`)",
    "--world-module": "its bindings have a name of their own (`--world-module`)",
}


class Recipe(NamedTuple):
    """How a Python component is built."""

    before: tuple[str, ...]
    """The words that run the tool, itself excluded: `python3 x.py requirements.txt`, `uv run`."""
    tool: tuple[str, ...]
    """`componentize-py`, or how a Python runs it as a module."""
    options: tuple[tuple[str, str], ...]
    """Long options and their values, as they are given; those that say what is built excluded."""
    app: str
    """The module that is the application."""
    paths: tuple[str, ...] = (".",)
    """Where modules are looked for, relative to the directory the command runs in."""

    def values(self, option: str) -> tuple[str, ...]:
        """What is given for an option."""
        return tuple(value for name, value in self.options if name == option)

    def base_command(self, loader: Path, output: Path) -> str:
        """The command that builds a base, with the loader in a directory."""
        merged = [("--wit-path", str(loader)), ("--world", WORLD)]
        words = [*self.before, *self.tool]
        for name, value in (*self.options, *merged):
            if name != "--module-worlds":
                words += [name, value] if value else [name]
        words += ["componentize", LOADER, "--python-path", str(loader)]
        for value in self.values("--module-worlds"):
            words += ["--module-worlds", value]
        return shlex.join([*words, "--output", str(output)])

    def python_command(self, script: str) -> str:
        """A command that has the Python beside the tool run a script."""
        if self.tool[0] == "-m":
            return shlex.join([*self.before, "-c", script])
        return shlex.join([*self.before, "python3", "-c", script])


class Unsuited(NamedTuple):
    """Why a component can't run from its sources, as the end of a sentence."""

    reason: str
    is_python: bool = True
    """Whether a person would expect that it can."""


def recipe_of(commands: Sequence[str]) -> Recipe | Unsuited:
    """What the build commands of a component say."""
    with_tool = [command for command in commands if "componentize" in command]
    if not with_tool:
        return Unsuited(f"it is not built by `{TOOL}`", is_python=False)
    if len(commands) > 1:
        return Unsuited("it is built by several commands")
    command = commands[0]
    if _FOR_SHELLS.search(command):
        return Unsuited("its build command is one for a shell to interpret")
    try:
        words = shlex.split(command)
    except ValueError:
        return Unsuited("its build command can't be split into words")
    at = _tool_in(words)
    if at is None:
        return Unsuited(f"it is not built by `{TOOL}`", is_python=False)
    start, end = at
    return _read(tuple(words[:start]), tuple(words[start:end]), words[end:])


def _tool_in(words: Sequence[str]) -> tuple[int, int] | None:
    """Where the tool is among words; the subcommand comes after it."""
    for at, word in enumerate(words):
        if word == "componentize":
            return None
        if re.split(r"[/\\]", word)[-1] in (TOOL, f"{TOOL}.exe"):
            return at, at + 1
        if word == "-m" and words[at + 1 : at + 2] == ["componentize_py"]:
            return at, at + 2
    return None


def _read(
    before: tuple[str, ...], tool: tuple[str, ...], words: Sequence[str]
) -> Recipe | Unsuited:
    options: list[tuple[str, str]] = []
    paths: list[str] = []
    names: list[str] = []
    rest = iter(words)
    for word in rest:
        name, has_value, value = _option(word)
        if name in _UNSUITED:
            return Unsuited(_UNSUITED[name])
        if name in (*_FLAGS, *_FLAGS.values()):
            options.append((_FLAGS.get(name, name), ""))
        elif name in (*_HAS_VALUE, *_HAS_VALUE.values()):
            name = _HAS_VALUE.get(name, name)
            value = value if has_value else next(rest, "")
            if name == "--python-path":
                paths.append(value)
            elif name != "--output":
                options.append((name, value))
        elif word.startswith("-"):
            return Unsuited(f"`{word}` is no option that is known")
        else:
            names.append(word)
    if len(names) != 2 or names[0] != "componentize":
        return Unsuited("its build command makes no component")
    recipe = Recipe(before, tool, tuple(options), names[1], tuple(paths) or (".",))
    if not recipe.values("--world"):
        return Unsuited("its build command names no world")
    return recipe


def _option(word: str) -> tuple[str, bool, str]:
    """An option, whether it brings its value, and that: `--world=x`, `-wx`, `-w`."""
    if word.startswith("--"):
        name, has_value, value = word.partition("=")
        return name, bool(has_value), value
    if word.startswith("-") and len(word) > 2:
        return word[:2], True, word[2:].removeprefix("=")
    return word, False, ""

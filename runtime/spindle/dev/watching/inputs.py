"""What a component is built from, where its manifest doesn't say.

Each tool has its habits; what none is known of is taken to be built from everything beside it.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class _Habit(NamedTuple):
    """What a tool reads, as globs relative to the directory it runs in."""

    command: re.Pattern[str]
    inputs: tuple[str, ...]


def _words(*names: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])({'|'.join(names)})(?![\w-])")


_WIT = ("wit/**/*.wit",)

_HABITS = (
    _Habit(_words("cargo"), ("Cargo.toml", "Cargo.lock", "build.rs", "src/**/*", *_WIT)),
    _Habit(
        _words("npm", "npx", "pnpm", "yarn", "bun", "j2w", "jco", "esbuild", "tsc", "webpack"),
        (
            "package.json",
            "package-lock.json",
            "tsconfig.json",
            "*.config.js",
            "*.config.mjs",
            "*.js",
            "*.mjs",
            "*.ts",
            "src/**/*",
            *_WIT,
        ),
    ),
    _Habit(_words("componentize-py"), ("**/*.py", "requirements*.txt", "pyproject.toml", *_WIT)),
    _Habit(_words("tinygo", "go"), ("**/*.go", "go.mod", "go.sum", *_WIT)),
    _Habit(
        _words("clang", "cc", "gcc", "make", "zig"),
        ("Makefile", "**/*.c", "**/*.h", "**/*.cpp", "**/*.hpp", "**/*.zig", *_WIT),
    ),
    _Habit(_words("wat2wasm", "wasm-tools"), ("**/*.wat", "**/*.wit")),
    _Habit(_words("moon"), ("**/*.mbt", "**/moon.mod.json", "**/moon.pkg.json", *_WIT)),
)
EVERYTHING = ("**/*",)


def inferred_inputs(commands: tuple[str, ...]) -> tuple[str, ...]:
    """The globs of what build commands read, relative to the directory they run in."""
    found = [habit.inputs for habit in _HABITS if any(map(habit.command.search, commands))]
    return tuple(dict.fromkeys(glob for inputs in found for glob in inputs)) or EVERYTHING

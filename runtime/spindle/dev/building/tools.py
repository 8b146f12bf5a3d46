"""The programs that build commands run: which are missing, and how to get them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from spindle.dev.building.shell_commands import simple_commands

_NPM = "install Node.js, which brings npm: https://nodejs.org"
RUST = "install Rust: https://rustup.rs"
INSTALLATION = {
    "cargo": RUST,
    "rustc": RUST,
    "rustup": RUST,
    "cargo-component": "cargo install cargo-component",
    "componentize-py": "pip install componentize-py",
    "go": "install Go: https://go.dev/doc/install",
    "grain": "install Grain: https://grain-lang.org/docs/getting_grain",
    "tinygo": "install TinyGo: https://tinygo.org/getting-started/install",
    "jco": "npm install --global @bytecodealliance/jco",
    "node": "install Node.js: https://nodejs.org",
    "npm": _NPM,
    "npx": _NPM,
    "pip": "install pip for your Python: python3 -m ensurepip",
    "uv": "pip install uv",
    "wasm-tools": "cargo install wasm-tools",
    "wit-bindgen": "cargo install wit-bindgen-cli",
    "wkg": "cargo install wkg",
    "zig": "pip install ziglang, and run it as `python -m ziglang`",
}
"""How to get programs that builds of components use."""


def how_to_get(program: str) -> str:
    """What to do about a program that is not installed."""
    return INSTALLATION.get(program, "install it, or put its directory on PATH")


def missing_programs(
    command: str, workdir: Path, environment: Mapping[str, str] = {}
) -> Iterator[str]:
    """The programs a shell command names that are not there, each once."""
    path = {**os.environ, **environment}.get("PATH")
    for program in dict.fromkeys(words[0] for words in simple_commands(command)):
        if os.sep in program:
            if not (workdir / program).exists():
                yield program
        elif shutil.which(program, path=path) is None:
            yield program


def hints_of(
    status: int, command: str, workdir: Path, environment: Mapping[str, str]
) -> Iterator[str]:
    """What may help after a command that failed with a status, as far as that tells why."""
    if status == _NOT_FOUND:
        for program in missing_programs(command, workdir, environment):
            how = "it is no file there" if os.sep in program else how_to_get(program)
            yield f"`{program}` is not installed: {how}"


_NOT_FOUND = 127
"""What shells end with that don't find a program."""

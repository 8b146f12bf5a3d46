"""What mutants are made of: every component and script that lies in the tests, all of them ours."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from wasmtime import WasmtimeError, wat2wasm

from spindle.component.wast.commands import Define, command_of
from spindle.component.wast.forms import FormError, read_forms
from spindle.errors import SpindleError

TESTS = Path(__file__).parents[1]
CORPUS = Path(__file__).parent / "corpus"


@cache
def scripts() -> list[str]:
    """The texts of all component scripts."""
    return [path.read_text() for path in sorted(TESTS.glob("component/**/*.wast"))]


@cache
def components() -> list[bytes]:
    """Small components: those of the scripts, of other tests, and of the corpus."""
    found = [_encoded(path.read_text()) for path in sorted(TESTS.glob("**/*.wat"))]
    found += [binary for script in scripts() for binary in _defined(script)]
    return [wasm for wasm in found if wasm and wasm[4:8] == b"\x0d\0\1\0" and len(wasm) < 1 << 14]


def _encoded(text: str) -> bytes | None:
    try:
        return bytes(wat2wasm(text))
    except WasmtimeError:  # a part of one, or not to be encoded for a test's sake
        return None


def _defined(script: str) -> list[bytes]:
    found: list[bytes] = []
    for form in read_forms(script):
        try:
            command = command_of(form)
            found += [command.binary()] if isinstance(command, Define) else []
        except (FormError, SpindleError):
            continue
    return found

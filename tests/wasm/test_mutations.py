"""Whatever the bytes, reading ends, and ends in a value or in the one error it may raise."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.wasm.encode import PREAMBLE, component, encode
from tests.wasm.test_decoder import BUILTINS, LINKED
from tests.wasm.test_modules import MODULE
from tests.wasm.test_resolve import SHIM

from spindle.wasm.decoder import decode
from spindle.wasm.definitions import CoreModule
from spindle.wasm.modules import read_module
from spindle.wasm.reader import DecodeError
from spindle.wasm.scopes import ValidationError
from spindle.wasm.validator import resolve
from spindle.wasm.wit import render_wit
from spindle.wasm.wit_binary import wit_of

WORLD = (Path(__file__).parent / "worlds" / "store.wat").read_text()
CANONS = f"(component {' '.join(f'(core func (canon {wat}))' for wat, _ in BUILTINS)})"
COMPONENTS = [encode(wat) for wat in (LINKED, SHIM, WORLD, CANONS)]
MODULES = [encode(MODULE)]


@st.composite
def mutated(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """A binary with a few bytes changed, cut out or put in."""
    data = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(8, len(data)))
        end = draw(st.integers(start, min(start + 3, len(data))))
        data[start:end] = draw(st.binary(max_size=3))
    return bytes(data)


def read(data: bytes) -> None:
    """Read a component as far as it can be read."""
    with suppress(DecodeError):
        tree = decode(data)
        with suppress(ValidationError):
            render_wit(wit_of(resolve(tree, data)))
        for definition in tree.definitions:
            if isinstance(definition, CoreModule):
                read_module(data, definition)


@given(mutated(COMPONENTS))
def test_mutated_components(data: bytes) -> None:
    read(data)


@given(mutated(MODULES))
def test_mutated_modules(data: bytes) -> None:
    with suppress(DecodeError):
        read_module(data)


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    read(data)


@given(st.lists(st.tuples(st.integers(0, 12), st.binary(max_size=12))))
def test_any_sections(sections: list[tuple[int, bytes]]) -> None:
    read(component(*sections))


def test_every_prefix() -> None:
    for data in COMPONENTS:
        for size in range(len(data)):
            read(data[:size])


def test_a_prefix_that_ends_between_sections_is_a_component() -> None:
    decode(PREAMBLE)

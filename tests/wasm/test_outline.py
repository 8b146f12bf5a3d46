"""Outlines: what a binary is made of, told by its section headers."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wasm.encode import component, encode, unsigned
from tests.wasm.test_mutations import COMPONENTS, MODULES, mutated
from tests.wasm.test_wit_binary import MODULE, custom

from spindle.wasm.decoder import Kind
from spindle.wasm.outline import LONGEST_NAME, Outline, read_outline
from spindle.wasm.reader import DecodeError
from spindle.wasm.wit_binary import read_wit

NESTED = """
(component $outer
  (import "a:b/c@1.0.0" (instance))
  (import "t" (type (sub resource)))
  (import "f" (func $f))
  (core module $first (func (export "go")))
  (component $inner (core module $deep))
  (core instance (instantiate $first))
  (instance (instantiate $inner))
  (export "g" (func $f)))
"""


def producers(*fields: tuple[str, str, str]) -> bytes:
    def text(value: str) -> bytes:
        return unsigned(len(value.encode())) + value.encode()

    entries = (text(f) + b"\1" + text(name) + text(version) for f, name, version in fields)
    return custom("producers", unsigned(len(fields)) + b"".join(entries))


def test_parts_are_named_and_nested() -> None:
    outline = read_outline(encode(NESTED))
    found = [(part.kind.value, part.name) for part in outline.walk()]
    assert found == [
        ("component", "outer"),
        ("core module", "first"),
        ("component", "inner"),
        ("core module", "deep"),
    ]
    assert outline.imports == ["a:b/c@1.0.0", "f"]
    assert outline.exports == ["g"]
    assert (outline.count("core instance"), outline.count("instance")) == (1, 1)


def test_sizes_add_up() -> None:
    data = encode(NESTED)
    for part in read_outline(data).walk():
        assert part.size == 8 + sum(section.size for section in part.sections)


def test_producers_are_read() -> None:
    data = MODULE + producers(("language", "Zig", ""), ("processed-by", "tool", "1.0"))
    assert read_outline(data).producers == [
        ("language", "Zig", ""),
        ("processed-by", "tool", "1.0"),
    ]


def test_a_spin_sdk_tells_its_version_by_an_export() -> None:
    data = encode(
        '(module (func (export "spin-sdk-version-3-1") (export "spin-sdk-language-rust")))'
    )
    assert read_outline(data).producers == [("sdk", "Spin SDK", "3.1"), ("language", "Rust", "")]


@pytest.mark.parametrize("name", ["producers", "name", "component-name"])
@given(body=st.binary(max_size=20))
def test_a_section_for_people_may_hold_anything(name: str, body: bytes) -> None:
    for data in (MODULE, component()):
        assert [section.name for section in read_outline(data + custom(name, body)).sections] == [
            name
        ]


def test_names_are_cut() -> None:
    [section] = read_outline(MODULE + custom("x" * 10_000_000, b"")).sections
    assert len(section.name) == LONGEST_NAME + 1


def test_components_nest_only_so_deep() -> None:
    data = component()
    for _ in range(200):
        data = component((4, data))
    with pytest.raises(DecodeError, match="nest more than"):
        read_outline(data)


@given(mutated([*COMPONENTS, *MODULES, encode(NESTED)]))
def test_mutated_binaries(data: bytes) -> None:
    with suppress(DecodeError):
        assert sum(part.kind in Kind for part in read_outline(data).walk()) >= 1


def test_every_prefix() -> None:
    data = encode(NESTED)
    for size in range(len(data)):
        with suppress(DecodeError):
            assert isinstance(read_outline(data[:size]), Outline)
        with suppress(DecodeError):
            read_wit(data[:size])

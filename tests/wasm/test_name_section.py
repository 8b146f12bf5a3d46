"""Names for people."""

from __future__ import annotations

from tests.wasm.encode import component, encode

from spindle.wasm.decoder import decode
from spindle.wasm.definitions import Sort
from spindle.wasm.name_section import ComponentNames, read_names


def names(data: bytes) -> ComponentNames:
    """The names in a component."""
    return read_names(data, decode(data))


def test_names_are_those_of_the_text() -> None:
    found = names(encode('(component $app (import "f" (func $log)) (core module $main))'))
    assert found.component == "app"
    assert found.find(Sort.FUNC, 0) == "log"
    assert found.find(Sort.CORE_MODULE, 0) == "main"
    assert found.find(Sort.CORE_MODULE, 1) is None
    assert found.find(Sort.INSTANCE, 0) is None


def test_a_broken_name_section_is_read_as_far_as_it_goes() -> None:
    data = component((0, b"\x0ecomponent-name\x00\x02\x01a\x01\x7f"))
    assert names(data) == ComponentNames("a")


def test_a_component_needs_no_names() -> None:
    assert names(component()) == ComponentNames()

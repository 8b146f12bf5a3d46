"""Damaged components are refused, or composed to a whole that is as valid as they are."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.composition.parts import CARTS, SHOPPER, TILL
from tests.wasm.encode import encode

from spindle.composition import Part, assemble, read_part
from spindle.errors import ComponentError

WHOLE = [("carts", encode(CARTS)), ("till", encode(TILL)), ("app", encode(SHOPPER))]


@st.composite
def damaged(draw: st.DrawFn) -> list[tuple[str, bytes]]:
    """The three components, one of them with a few bytes changed."""
    chosen = draw(st.integers(0, 2))
    data = bytearray(WHOLE[chosen][1])
    for _ in range(draw(st.integers(1, 3))):
        data[draw(st.integers(8, len(data) - 1))] = draw(st.integers(0, 255))
    return [(name, bytes(data) if n == chosen else of) for n, (name, of) in enumerate(WHOLE)]


@settings(max_examples=150)
@given(damaged())
def test_damage_is_never_passed_on(components: list[tuple[str, bytes]]) -> None:
    try:
        carts, till, app = [read_part(name, data) for name, data in components]
    except ComponentError:
        return
    for component, plugs in ((app, [till]), (app, [carts, till]), (till, [carts]), (app, [])):
        check(component, plugs)


def check(component: Part, plugs: list[Part]) -> None:
    try:
        whole = bytes(assemble(component, plugs=plugs))
    except ComponentError:
        return
    read_part("whole", whole)

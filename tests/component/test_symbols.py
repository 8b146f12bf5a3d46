from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.component.crashing import as_component, places_of, trap_of
from tests.conftest import built

from spindle.component.component import Component
from spindle.component.core import CoreFrame, wat_to_wasm
from spindle.wasm.dwarf import Place

Guest = Callable[[str], Path]

RUST = "/home/dev/app/src/crash.rs"
CPP = "/home/dev/app/src/crash.cpp"


@pytest.fixture(scope="module")
def rust(guest: Guest) -> Component:
    return Component.load(as_component(guest("crash").read_bytes()))


def test_functions_inlined_at_a_trap_are_told_apart(rust: Component) -> None:
    trap = trap_of(rust, 0)
    assert trap.reason == "wasm `unreachable` instruction executed"
    assert any(cell.exposed for cell in rust.plan.modules[0].cells or ())  # which moves the code
    places = [place for place in places_of(rust, trap.core_frames) if place.file == RUST]
    assert [(place.function, place.line) for place in places] == [
        ("crash::guarded::{closure#0}", 33),
        ("crash::guarded", 37),
        ("<crash::Machine as crash::Runs>::run", 21),
        ("run", 50),
    ]


def test_an_address_out_of_bounds_is_told(rust: Component) -> None:
    trap = trap_of(rust, 1)
    assert trap.reason.startswith("out of bounds memory access (address 0xfff00000, memory of ")
    assert ("run", RUST) in {(p.function, p.file) for p in places_of(rust, trap.core_frames)}


def test_a_stack_overflow_is_called_one(rust: Component) -> None:
    trap = trap_of(rust, 2)
    assert "stack overflow" in trap.reason
    assert Place("crash::deeper", RUST, 42, 21) in places_of(rust, trap.core_frames)


@pytest.mark.parametrize("name", ["crash-dwarf4", "crash-dwarf5"])
def test_names_and_lines_of_cpp(guest: Guest, name: str) -> None:
    component = Component.load(as_component(guest(name).read_bytes()))
    trap = trap_of(component, 0)
    assert trap.reason == "integer divide by zero"
    assert places_of(component, trap.core_frames) == [
        Place("app::Divider<int>::divide(int) const", CPP, 7, 70),
        Place("run", CPP, 14, 20),
    ]
    assert component.symbols.has_lines


def test_without_debug_information_names_are_left() -> None:
    core = wat_to_wasm(
        '(module (func $_ZN3app6Parser5parseEi unreachable) (func (export "run") (param i32)'
        " (result i32) (call 0) (unreachable)))"
    )
    component = Component.load(as_component(core))
    frames = trap_of(component, 0).core_frames
    assert places_of(component, frames) == [Place("app::Parser::parse(int)"), Place("run")]
    assert not component.symbols.has_lines


def test_a_file_that_changed_gives_no_lines(guest: Guest, tmp_path: Path) -> None:
    path = tmp_path / "app.wasm"
    data = as_component(guest("crash-dwarf4").read_bytes())
    path.write_bytes(data)
    component = Component.load(path)
    path.write_bytes(data.replace(b"crash.cpp", b"other.cpp"))
    frames = trap_of(component, 0).core_frames
    assert {place.line for place in places_of(component, frames)} == {None}
    path.unlink()
    assert len(places_of(component, frames)) == 2


CRASH = as_component(built("crash").read_bytes())


@given(st.tuples(st.integers(0, 2**32), st.integers(0, 2**32)))
def test_frames_that_cannot_be(frame: tuple[int, int]) -> None:
    component = Component.load(CRASH)
    places = places_of(component, (CoreFrame(None, None, *frame),))
    assert places[-1].function

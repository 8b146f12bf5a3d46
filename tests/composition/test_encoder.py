import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.composition.worlds import World, encoded, worlds
from wasmtime import component as native

from spindle.composition import compose, read_part
from spindle.composition.bits import signed, unsigned
from spindle.composition.encoder import encode_component
from spindle.composition.type_writer import TypeWriter
from spindle.wasm.decoder import decode
from spindle.wasm.reader import Reader
from spindle.wasm.substitution import Binding
from spindle.wasm.subtyping import check
from spindle.wasm.types import ComponentType, ExternType, InstanceType

FEW = settings(max_examples=40)


def assert_same(one: dict[str, ExternType], other: dict[str, ExternType]) -> None:
    """Worlds that differ in their resources' identities at most."""
    assert list(one) == list(other)
    for first, second in ((one, other), (other, one)):
        binding: Binding = {}
        for name in first:
            assert isinstance(first[name], InstanceType)
            check(first[name], second[name], binding)


@FEW
@given(worlds())
def test_types_are_read_as_they_were_written(world: World) -> None:
    assert_same(read_part("world", encoded(world)).type.imports, world)


@FEW
@given(worlds(gated=False))
def test_the_engine_takes_what_is_written(world: World) -> None:
    native.Component(wasmtime.Engine(), encoded(world))


@FEW
@given(worlds())
def test_definitions_are_written_as_they_were_read(world: World) -> None:
    data = encoded(world)
    assert b"".join(encode_component(decode(data).definitions)) == data


@FEW
@given(worlds(gated=False))
def test_parts_with_one_world_are_composed_to_the_same_world(world: World) -> None:
    data = encoded(world)
    whole = bytes(compose([read_part("one", data), read_part("other", data)], {}, []))
    assert_same(read_part("whole", whole).type.imports, world)
    native.Component(wasmtime.Engine(), whole)


@FEW
@given(worlds(gated=False), st.data())
def test_parts_that_know_less_are_served_by_what_others_know(
    world: World, data: st.DataObject
) -> None:
    kept = {name for name in functions_of(world) if data.draw(st.booleans())}
    less: World = {
        f"{name.rpartition('.')[0]}.0": InstanceType(
            {n: e for n, e in of.exports.items() if n[:1] != "f" or (name, n) in kept}, of.resources
        )
        for name, of in instances_of(world)
    }
    for one, other in ((less, world), (world, less)):
        parts = [read_part("one", encoded(one)), read_part("other", encoded(other))]
        whole = bytes(compose(parts, {}, []))
        assert set(read_part("whole", whole).type.imports) == set(world)
        native.Component(wasmtime.Engine(), whole)


def instances_of(world: World) -> list[tuple[str, InstanceType]]:
    """The interfaces of a world."""
    return [(name, of) for name, of in world.items() if isinstance(of, InstanceType)]


def functions_of(world: World) -> list[tuple[str, str]]:
    """The functions of a world, by interface."""
    return [(name, f) for name, of in instances_of(world) for f in of.exports if f[0] == "f"]


@FEW
@given(worlds())
def test_component_types_are_read_as_they_were_written(world: World) -> None:
    resources = tuple(r for _, of in instances_of(world) for r in of.resources)
    type = ComponentType(world, {}, resources)
    writer = TypeWriter()
    writer.import_("c", type)
    data = b"".join(encode_component(writer.definitions))
    (found,) = read_part("c", data).type.imports.values()
    check(found, type, {})
    check(type, found, {})


@given(st.integers(0, 2**32 - 1))
def test_unsigned_integers(value: int) -> None:
    reader = Reader(memoryview(unsigned(value)))
    assert reader.unsigned(32) == value
    assert reader.at_end


@given(st.integers(-(2**32), 2**32 - 1))
def test_signed_integers(value: int) -> None:
    reader = Reader(memoryview(signed(value)))
    assert reader.signed(33) == value
    assert reader.at_end

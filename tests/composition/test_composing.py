from collections.abc import Mapping
from pathlib import Path

import pytest
import wasmtime
from tests.composition.parts import CART, CARTS, SHOPPER, TILL, consumer, part, provider, run
from wasmtime import component as native

from spindle.component.component import Compiler, Component
from spindle.component.core import Engine
from spindle.component.host import HostInterface
from spindle.composition import (
    CompositionError,
    Dependency,
    Import,
    Provided,
    assemble,
    compose,
    read_part,
)
from spindle.errors import ComponentError
from spindle.wasm.decoder import decode
from spindle.wasm.definitions import Sort
from spindle.wasm.name_section import read_names
from spindle.wasm.types import InstanceType

DOUBLE = provider("test:math/double@0.1.3", "twice", "(i32.mul (local.get $n) (i32.const 2))")
NEXT = provider("test:math/next@0.1.3", "next", "(i32.add (local.get $n) (i32.const 1))")
USES_BOTH = consumer(
    "(call $f0 (call $f1 (local.get $n)))",
    ("test:math/double@0.1.0", "twice"),
    ("test:math/next@0.1.0", "next"),
)


def test_plugs_satisfy_imports_of_compatible_versions() -> None:
    whole = assemble(part("app", USES_BOTH), plugs=[part("a", DOUBLE), part("b", NEXT)])
    assert not read_part("whole", bytes(whole)).type.imports
    assert run(whole, ("run",), 4) == 10


def test_what_no_plug_satisfies_is_imported_by_the_whole() -> None:
    whole = assemble(part("app", USES_BOTH), plugs=[part("a", DOUBLE)])
    assert list(read_part("whole", bytes(whole)).type.imports) == ["test:math/next@0.1.0"]
    host = {"test:math/next@0.1.0": HostInterface({"next": lambda _task, n: n + 10})}
    assert run(whole, ("run",), 4, host=host) == 28


def test_the_bytes_say_which_instance_is_which_part() -> None:
    app, a, b = part("app", USES_BOTH), part("a", DOUBLE), part("b", NEXT)
    whole = assemble(app, plugs=[b, a])
    assert whole.parts == (b, a, app)
    assert whole.size == len(bytes(whole))
    assert a.data in whole.pieces
    data = bytes(whole)
    names = read_names(data, decode(data))
    assert list(names.definitions[Sort.INSTANCE].values()) == ["b", "a", "app"]
    assert names.definitions[Sort.COMPONENT] == {0: "b", 1: "a", 2: "app"}


def test_equal_components_are_nested_once_and_instantiated_apart() -> None:
    one, other = part("one", DOUBLE), part("other", DOUBLE)
    app = part(
        "app",
        consumer(
            "(call $f0 (call $f1 (local.get $n)))",
            ("test:math/double@0.1.3", "twice"),
            ("test:math/double@0.2.0", "twice"),
        ),
    )
    wires = {
        Import(app, name): Provided(by, "test:math/double@0.1.3")
        for name, by in zip(app.type.imports, (one, other), strict=True)
    }
    whole = compose([one, other, app], wires, [Provided(app, "run")])
    assert whole.pieces.count(one.data) == 1
    assert len(whole.parts) == 3
    assert run(whole, ("run",), 3) == 12


def test_core_modules_that_were_compiled_before_are_not_compiled_again(tmp_path: Path) -> None:
    compiler = Compiler(Engine(), tmp_path)
    parts = [part("a", DOUBLE), part("b", NEXT), part("app", USES_BOTH)]
    for one in parts:
        Component.load(one.data, compiler)
    compiled = set((tmp_path / "modules").glob("*.cwasm"))
    Component.load(bytes(assemble(parts[2], plugs=parts[:2])), Compiler(Engine(), tmp_path))
    assert len(compiled) == 3
    assert set((tmp_path / "modules").glob("*.cwasm")) == compiled


# Resources.


def test_a_resource_passes_through_three_components() -> None:
    carts, till, app = part("carts", CARTS), part("till", TILL), part("app", SHOPPER)
    provided = Provided(carts, "lib:shop/carts@1.2.0")
    wires = {
        Import(till, "lib:shop/carts@1.0.0"): provided,
        Import(app, "lib:shop/carts@1.0.0"): provided,
        Import(app, "lib:shop/till@1.0.0"): Provided(till, "lib:shop/till@1.0.0"),
    }
    assert run(compose([carts, till, app], wires, [Provided(app, "run")]), ("run",), 21) == 42


def test_parts_that_import_an_interface_share_its_resources() -> None:
    whole = assemble(part("app", SHOPPER), plugs=[part("till", TILL)])
    assert list(read_part("whole", bytes(whole)).type.imports) == ["lib:shop/carts@1.0.0"]
    dropped: list[list[int]] = []
    carts = HostInterface(
        {
            "[constructor]cart": lambda _task, total: [total],
            "[method]cart.total": lambda _task, cart: cart[0],
        },
        {"cart": dropped.append},
    )
    assert run(whole, ("run",), 21, host={"lib:shop/carts@1.0.0": carts}) == 42
    assert dropped == [[21]]


def test_an_import_about_a_resource_inside_is_refused() -> None:
    with pytest.raises(CompositionError) as caught:
        assemble(part("app", SHOPPER), plugs=[part("carts", CARTS)])
    assert str(caught.value) == (
        "import `lib:shop/till@1.0.0` of `app` uses the resource `cart` of `lib:shop/carts@1.0.0`, "
        "which `carts` provides: the host cannot provide the one without the other"
    )


def test_an_export_may_name_a_resource_of_a_part_inside() -> None:
    whole = assemble(part("till", TILL), plugs=[part("carts", CARTS)])
    native.Component(wasmtime.Engine(), bytes(whole))
    assert list(read_part("whole", bytes(whole)).type.exports) == ["lib:shop/till@1.0.0"]


def test_an_export_about_a_resource_without_a_name_is_refused() -> None:
    maker = f"""(component
        (import "lib:shop/carts@1.0.0" (instance $carts {CART}))
        (alias export $carts "[constructor]cart" (func $make))
        (export "make" (func $make)))"""
    with pytest.raises(CompositionError) as caught:
        assemble(part("maker", maker), plugs=[part("carts", CARTS)])
    assert str(caught.value) == (
        "export `make` of `maker` uses a resource of another part, which is not exported with it"
    )


# Merging.


def interface(name: str, *functions: tuple[str, str]) -> str:
    """A component that imports an interface of functions of given types."""
    exports = "".join(f'(export "{name}" (func {type}))' for name, type in functions)
    return f'(component (import "{name}" (instance {exports})))'


def merged(*components: str) -> Mapping[str, object]:
    parts = [part(f"p{n}", wat) for n, wat in enumerate(components)]
    return read_part("whole", bytes(compose(parts, {}, []))).type.imports


def test_imports_of_one_track_are_one_under_the_highest_version() -> None:
    imports = merged(
        interface("test:host/a@0.2.3", ("f", ""), ("g", '(param "n" u8)')),
        interface("test:host/a@0.2.10", ("f", ""), ("h", "(result string)")),
        interface("test:host/a@0.2.0", ("g", '(param "n" u8)')),
    )
    (only,) = imports.items()
    assert only[0] == "test:host/a@0.2.10"
    assert isinstance(only[1], InstanceType)
    assert list(only[1].exports) == ["f", "g", "h"]


@pytest.mark.parametrize(
    "other", ["test:host/a@0.3.0", "test:host/a@0.2.0-rc1", "test:host/a", "test:host/b@0.2.0"]
)
def test_imports_of_other_tracks_stay_apart(other: str) -> None:
    assert list(merged(interface("test:host/a@0.2.0"), interface(other))) == [
        "test:host/a@0.2.0",
        other,
    ]


def test_parts_that_want_different_functions_are_refused() -> None:
    with pytest.raises(CompositionError) as caught:
        merged(
            interface("test:host/a@0.2.0", ("f", '(param "n" u8)')),
            interface("test:host/a@0.2.1", ("f", '(param "n" u16)')),
        )
    assert str(caught.value) == (
        "`p1` and `p0` do not agree on import `test:host/a@0.2.1`, which `p0` imports as "
        "`test:host/a@0.2.0`: export `f`: expected `func(n: u8)`, found `func(n: u16)`"
    )


def test_an_interface_is_imported_after_those_it_uses() -> None:
    """The first part imports `b` without knowing that its resource is from `a`."""
    first = """(component (import "test:host/b" (instance
        (export "r" (type $r (sub resource)))
        (export "take" (func (param "r" (own $r)))))))"""
    second = """(component
        (import "test:host/a" (instance $a (export "r" (type (sub resource)))))
        (alias export $a "r" (type $r))
        (import "test:host/b" (instance
          (export "r" (type $r' (eq $r)))
          (export "give" (func (result (own $r')))))))"""
    assert list(merged(first, second)) == ["test:host/a", "test:host/b"]


def uses(one: str, other: str) -> str:
    """A component that imports a resource and an interface which uses it."""
    return f"""(component
        (import "test:host/{one}" (instance $one (export "{one}" (type (sub resource)))))
        (alias export $one "{one}" (type $r))
        (import "test:host/{other}" (instance (export "{one}" (type (eq $r))))))"""


def test_interfaces_that_use_each_other_are_refused() -> None:
    with pytest.raises(CompositionError, match="uses resources of interfaces that use its own"):
        merged(uses("a", "b"), uses("b", "a"))


def test_parts_may_differ_in_whose_a_resource_is() -> None:
    swapped = """(component
        (import "test:host/b" (instance $b (export "a" (type (sub resource)))))
        (alias export $b "a" (type $r))
        (import "test:host/a" (instance (export "a" (type (eq $r))))))"""
    assert list(merged(uses("a", "b"), swapped)) == ["test:host/a", "test:host/b"]
    assert list(merged(swapped, uses("a", "b"))) == ["test:host/b", "test:host/a"]


def test_a_part_may_import_two_versions_of_one_track() -> None:
    both = consumer(
        "(call $f0 (call $f1 (local.get $n)))",
        ("test:host/a@0.2.0", "add"),
        ("test:host/a@0.2.1", "double"),
    )
    host = {
        "test:host/a@0.2.1": HostInterface(
            {"add": lambda _task, n: n + 1, "double": lambda _task, n: n * 2}
        )
    }
    app = part("app", both)
    assert run(compose([app], {}, [Provided(app, "run")]), ("run",), 4, host=host) == 9


@pytest.mark.parametrize(
    ("wat", "what"),
    [
        ('(component (import "m" (core module)))', "a core module"),
        ('(component (import "x" (instance (export "m" (core module)))))', "a core module"),
    ],
)
def test_what_cannot_be_passed_on(wat: str, what: str) -> None:
    with pytest.raises(ComponentError, match=f"{what}.* cannot (be )?pass"):
        merged(wat)


def test_attributes_of_names_are_kept() -> None:
    text = '(component (import "f" (func)))'
    bare = bytes(wasmtime.wat2wasm(text))
    name = b"\x00\x01f"
    assert bare.count(name) == 1
    at = bare.index(name) - 2  # the section's size and count come before it
    body = b"\x01\x02\x01f\x01\x02\x02id" + bare[at + 5 :]
    given = read_part("p", bare[:at] + bytes([len(body)]) + body)
    assert given.attributes[("import", "f")].external_id == "id"
    whole = read_part("w", bytes(compose([given], {}, [])))
    assert whole.attributes == given.attributes


# Middleware.

HANDLER = "wasi:http/handler@0.3.0"
DOUBLES = consumer(
    "(i32.mul (call $f0 (local.get $n)) (i32.const 2))", (HANDLER, "handle"), export=HANDLER
)
ADDS = consumer(
    "(i32.add (call $f0 (local.get $n)) (i32.const 1))", (HANDLER, "handle"), export=HANDLER
)
ANSWERS = provider(HANDLER, "handle", "(local.get $n)")


def test_the_first_middleware_is_outermost() -> None:
    for first, second, answer in ((DOUBLES, ADDS, 12), (ADDS, DOUBLES, 11)):
        whole = assemble(part("app", ANSWERS), (), [part("a", first), part("b", second)])
        assert [one.name for one in whole.parts] == ["app", "b", "a"]
        assert run(whole, (HANDLER, "handle"), 5) == answer


def test_a_middleware_may_be_there_twice() -> None:
    middleware = [part("a", DOUBLES), part("b", DOUBLES)]
    assert run(assemble(part("app", ANSWERS), (), middleware), (HANDLER, "handle"), 5) == 20


def test_dependencies_and_middleware_come_to_one_component() -> None:
    app = part("app", consumer("(call $f0 (local.get $n))", ("test:math/next@0.1.3", "next"),
                               export=HANDLER))  # fmt: skip
    dependency = Dependency("test:math", part("b", NEXT))
    whole = assemble(app, [dependency], [part("a", DOUBLES)])
    assert [one.name for one in whole.parts] == ["b", "app", "a"]
    assert run(whole, (HANDLER, "handle"), 5) == 12


def test_middleware_must_pass_on_what_it_handles() -> None:
    old = HANDLER + "-rc-2026-03-15"
    with pytest.raises(CompositionError) as caught:
        assemble(part("app", ANSWERS), (), [part("a", ANSWERS.replace(HANDLER, old))])
    assert str(caught.value) == (
        f"`a` doesn't import `{HANDLER}`, which HTTP middleware is chained by"
    )
    with pytest.raises(CompositionError, match="`app` doesn't export") as caught:
        assemble(part("app", ANSWERS.replace(HANDLER, old)), (), [part("a", DOUBLES)])
    assert caught.value.hints == (f"it exports `{old}`: build it with a newer SDK",)


def test_a_composition_can_be_composed_further() -> None:
    inner = assemble(part("app", USES_BOTH), plugs=[part("a", DOUBLE)])
    whole = assemble(read_part("inner", bytes(inner)), plugs=[part("b", NEXT)])
    assert run(whole, ("run",), 4) == 10
    assert decode(bytes(whole)).definitions

"""Components whose imports and exports have other types than the interfaces they name."""

import pytest

from spindle.component.component import Component
from spindle.component.core import wat_to_wasm
from spindle.component.plan_signatures import SignatureError, is_final, known_packages, package_of
from spindle.errors import ComponentError
from spindle.factors import spin_http, variables
from spindle.factors.key_value import interfaces as key_value
from spindle.factors.wasi import wasi_interfaces
from spindle.wasm.names import track_of

FIELDS = '(export "fields" (type $fields (sub resource)))'
LIES = {
    "another result": (
        "wasi:clocks/monotonic-clock@0.2.3",
        'now: (func (result string))',
        ("func() -> u64", "func() -> string"),
    ),
    "another parameter": (
        "wasi:random/random@0.3.0",
        'get-random-bytes: (func (param "n" string) (result (list u8)))',
        ("func(u64) -> list<u8>", "func(string) -> list<u8>"),
    ),
    "no result": (
        "wasi:random/random@0.2.0",
        "get-random-u64: (func)",
        ("func() -> u64", "func()"),
    ),
    "more parameters": (
        "wasi:clocks/wall-clock@0.2.0",
        'resolution: (func (param "a" u32))',
        ("func() -> datetime", "func(u32)"),
    ),
    "other fields": (
        "wasi:clocks/wall-clock@0.2.0",
        '(type $r (record (field "seconds" u64) (field "nanoseconds" u64)))'
        ' (export "datetime" (type $datetime (eq $r))) now: (func (result $datetime))',
        ("func() -> datetime", "func() -> record { seconds: u64, nanoseconds: u64 }"),
    ),
    "a number for a resource": (
        "wasi:http/types@0.2.0",
        '(export "incoming-body" (type $body (sub resource)))'
        ' [static]incoming-body.finish: (func (param "this" u32) (result u32))',
        ("func(incoming-body) -> future-trailers", "func(u32) -> u32"),
    ),
    "a resource for another": (
        "wasi:http/types@0.2.0",
        f'{FIELDS} (export "incoming-body" (type $body (sub resource)))'
        ' [static]incoming-body.finish: (func (param "this" (own $body)) (result (own $fields)))',
        ("func(incoming-body) -> future-trailers", "func(incoming-body) -> fields"),
    ),
    "a resource that is nobody's": (
        "wasi:http/types@0.2.0",
        f'{FIELDS} (export "pollable" (type $pollable (sub resource)))'
        ' (export "future-trailers" (type $trailers (sub resource)))'
        " [method]future-trailers.subscribe:"
        ' (func (param "self" (borrow $trailers)) (result (own $pollable)))',
        ("func(borrow<future-trailers>) -> wasi:io/poll.pollable",
         "func(borrow<future-trailers>) -> pollable"),
    ),
    "numbers that are none": (
        "spindle:wasi/preview1",
        'fd-write: (func (param "a" string) (result u32))',
        ("func(u32, u32, u32, u32) -> u32", "func(string) -> u32"),
    ),
}  # fmt: skip
"""An interface, what a component says it has, and its function as it is and as they say."""


def importing(interface: str, items: str) -> bytes:
    """A component that lowers the last item, `name: type`, of an interface."""
    before, _, type = items.rpartition(": ")
    *types, name = before.split(" ")
    return wat_to_wasm(
        f"""(component
          (import "{interface}" (instance $i {" ".join(types)} (export "{name}" {type})))
          (core module $m
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 8))
          (core instance $m (instantiate $m))
          (alias core export $m "memory" (core memory $memory))
          (alias core export $m "realloc" (core func $realloc))
          (core func (canon lower (func $i "{name}")
            (memory $memory) (realloc (core func $realloc)))))"""
    )


@pytest.mark.parametrize("what", LIES)
def test_a_lie_about_an_import_is_refused_with_both_types(what: str) -> None:
    interface, items, (expected, found) = LIES[what]
    with pytest.raises(SignatureError) as caught:
        Component.load(importing(interface, items))
    assert (caught.value.expected, caught.value.found) == (expected, found)
    name = items.rpartition(": ")[0].split(" ")[-1]
    assert f"imports the function `{interface}#{name}` as `{found}`" in str(caught.value)


def test_parameters_may_be_called_anything() -> None:
    items = 'get-random-bytes: (func (param "as-many" u64) (result (list u8)))'
    assert Component.load(importing("wasi:random/random@0.2.0", items))


def test_what_the_host_does_not_know_may_have_any_type() -> None:
    for name in ("wasi:random/random@9.0.0", "a:b/c"):
        assert Component.load(importing(name, "get-random-u64: (func)"))


def test_a_lie_about_an_export_is_known_to_who_would_call_it() -> None:
    source = """(component
      (core module $m (func (export "f") (param i32)))
      (core instance $m (instantiate $m))
      (func $f (param "code" u32) (canon lift (core func $m "f")))
      (instance $i (export "run" (func $f)))
      (export "wasi:cli/run@0.2.0" (instance $i)))"""
    component = Component.load(wat_to_wasm(source))
    with pytest.raises(SignatureError) as caught:
        component.check_callable("wasi:cli/run@0.2.0")
    assert str(caught.value).startswith("the component exports the function")
    assert caught.value.expected == "func() -> result"


def test_a_type_that_doubles_and_doubles_is_spelled_in_part() -> None:
    types = ["(type $t0 (tuple string string))"]
    types += [f"(type $t{n} (tuple $t{n - 1} $t{n - 1}))" for n in range(1, 12)]
    items = f'{" ".join(types)} (export "t" (type $t (eq $t11))) now: (func (result $t))'
    with pytest.raises(SignatureError) as caught:
        Component.load(importing("wasi:clocks/monotonic-clock@0.2.0", items))
    assert len(str(caught.value)) < 10_000


def test_a_pre_release_has_nothing_of_later_versions() -> None:
    wasm = importing("wasi:cli/exit@0.2.0-rc-2023-11-10", "exit-with-code: (func)")
    with pytest.raises(ComponentError, match="there is none in it"):
        Component.load(wasm)


HOSTED = {
    **wasi_interfaces(),
    **key_value.INTERFACES,
    **variables.INTERFACES,
    **spin_http.INTERFACES,
}


def test_there_is_a_signature_for_all_that_the_host_has() -> None:
    lacking = [
        f"{interface}#{name}"
        for interface, of in HOSTED.items()
        for name in of.functions
        if not (is_final(track_of(interface)) or is_known(interface, name))
    ]
    assert lacking == []


def is_known(interface: str, function: str) -> bool:
    track = track_of(interface)
    package = known_packages().get(package_of(track))
    name = f"{track.partition('@')[0]}#{function}"
    return package is not None and name in package.functions

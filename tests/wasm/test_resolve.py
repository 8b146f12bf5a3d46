"""Index spaces and resolved types."""

from __future__ import annotations

import pytest
from tests.wasm.encode import component, encode
from tests.wasm.invalid import INVALID

from spindle.wasm.decoder import decode
from spindle.wasm.definitions import CoreModule
from spindle.wasm.scopes import ValidationError
from spindle.wasm.types import (
    BorrowType,
    ExternType,
    FieldType,
    FuncType,
    InstanceType,
    ListType,
    ModuleType,
    OwnType,
    PrimValType,
    RecordType,
    ResourceType,
    ResultType,
    StreamType,
    SubResource,
    TypeEq,
)
from spindle.wasm.validator import ResolvedComponent, resolve

U32, STRING = PrimValType.U32, PrimValType.STRING


def resolved(wat: str) -> ResolvedComponent:
    """A component in text form, resolved."""
    data = encode(wat)
    return resolve(decode(data), data)


def exports_of(extern: ExternType) -> dict[str, ExternType]:
    """The exports of an instance type."""
    assert isinstance(extern, InstanceType)
    return extern.exports


def resource_of(extern: ExternType) -> ResourceType:
    """The resource a type import or export brings in."""
    if isinstance(extern, SubResource):
        return extern.resource
    assert isinstance(extern, TypeEq)
    assert isinstance(extern.type, ResourceType)
    return extern.type


STORE = """
  (import "test:kv/store" (instance $store
    (export "bucket" (type $bucket (sub resource)))
    (type $entry' (record (field "key" string) (field "size" u32)))
    (export "entry" (type $entry (eq $entry')))
    (export "[method]bucket.list" (func
      (param "self" (borrow $bucket)) (result (result (list $entry) (error string)))))
    (export "open" (func async (param "name" string) (result (own $bucket))))))
"""


def test_imported_functions_have_types_without_indices() -> None:
    found = exports_of(resolved(f"(component {STORE})").imports["test:kv/store"])
    bucket = resource_of(found["bucket"])
    entry = RecordType((FieldType("key", STRING), FieldType("size", U32)))
    assert bucket.name == "bucket"
    assert list(found) == ["bucket", "entry", "[method]bucket.list", "open"]
    assert found["entry"] == TypeEq(entry)
    assert found["[method]bucket.list"] == FuncType(
        (FieldType("self", BorrowType(bucket)),), ResultType(ListType(entry), STRING)
    )
    assert found["open"] == FuncType((FieldType("name", STRING),), OwnType(bucket), is_async=True)


def test_two_imports_of_one_type_have_resources_of_their_own() -> None:
    found = resolved(
        """(component
             (type $t (instance
               (export "r" (type $r (sub resource))) (export "f" (func (param "r" (own $r))))))
             (import "a" (instance (type $t)))
             (import "b" (instance (type $t))))"""
    ).imports
    a, b = exports_of(found["a"]), exports_of(found["b"])
    assert a["f"] == FuncType((FieldType("r", OwnType(resource_of(a["r"]))),), None)
    assert b["f"] == FuncType((FieldType("r", OwnType(resource_of(b["r"]))),), None)
    assert resource_of(a["r"]) is not resource_of(b["r"])


def test_an_alias_is_the_same_type() -> None:
    found = resolved(
        """(component
             (import "a" (instance $a (export "r" (type (sub resource)))))
             (alias export $a "r" (type $r))
             (import "b" (instance
               (alias outer 1 $r (type $r)) (export "r" (type (eq $r)))
               (export "f" (func (param "r" (borrow $r)))))))"""
    ).imports
    a, b = exports_of(found["a"]), exports_of(found["b"])
    resource = resource_of(a["r"])
    assert resource_of(b["r"]) is resource
    assert b["f"] == FuncType((FieldType("r", BorrowType(resource)),), None)


SHIM = """
(component
  (import "host" (instance $host (export "r" (type (sub resource)))))
  (alias export $host "r" (type $r))
  (type $f (func (param "r" (own $r))))
  (core module $m (func (export "f") (param i32)))
  (core instance $m (instantiate $m))
  (func $f (type $f) (canon lift (core func $m "f")))
  (component $shim
    (import "t" (type $t (sub resource)))
    (import "g" (func $g (param "r" (own $t))))
    (export $u "u" (type $t))
    (export "g" (func $g) (func (param "r" (own $u)))))
  (instance $shim (instantiate $shim (with "t" (type $r)) (with "g" (func $f))))
  (export "out" (instance $shim)))
"""


def test_a_nested_component_sees_its_actual_arguments() -> None:
    found = resolved(SHIM)
    resource = resource_of(exports_of(found.imports["host"])["r"])
    child = found.children[1]
    func = FuncType((FieldType("r", OwnType(resource)),), None)
    assert resource_of(child.imports["t"]) is resource
    assert child.imports["g"] == func
    assert exports_of(found.exports["out"])["g"] == func
    assert found.scope.funcs[0] == func


def test_each_instance_has_resources_of_its_own() -> None:
    found = resolved(
        """(component
             (component $c (type $r (resource (rep i32))) (export "r" (type $r)))
             (instance $one (instantiate $c))
             (instance $two (instantiate $c))
             (alias export $one "r" (type))
             (alias export $two "r" (type))
             (export "one" (instance $one)))"""
    )
    one, two = found.scope.types
    assert one is not two
    assert list(found.children[0].resources) == [one]
    assert list(found.children[1].resources) == [two]
    assert resource_of(exports_of(found.exports["one"])["r"]) is one


def test_builtins_name_resolved_types() -> None:
    found = resolved(
        """(component
             (type $s (stream u32))
             (core func (canon stream.new $s))
             (core func (canon task.return (result $s))))"""
    )
    assert found.scope.types == [StreamType(U32)]
    assert found.results == {1: StreamType(U32)}
    assert len(found.scope.core_funcs) == 2


def test_a_core_module_passed_to_a_nested_component_keeps_its_bytes() -> None:
    found = resolved(
        """(component
             (core module $m (func (export "f")))
             (component $c
               (import "m" (core module $m (export "f" (func))))
               (core instance (instantiate $m)))
             (instance (instantiate $c (with "m" (core module $m)))))"""
    )
    (module,) = found.children[0].scope.core_modules
    assert isinstance(module, CoreModule)
    assert module == found.scope.core_modules[0]


def test_an_imported_core_module_is_known_by_its_type_alone() -> None:
    found = resolved('(component (import "m" (core module (export "f" (func)))))')
    assert isinstance(found.scope.core_modules[0], ModuleType)


def test_an_imported_component_is_instantiated_by_its_type() -> None:
    found = resolved(
        """(component
             (import "c" (component $c
               (import "t" (type $t (sub resource)))
               (export "u" (type $u (sub resource)))
               (export "f" (func (param "t" (own $t)) (result (own $u))))))
             (type $r (resource (rep i32)))
             (instance $i (instantiate $c (with "t" (type $r))))
             (instance $j (instantiate $c (with "t" (type $r)))))"""
    )
    i, j = (instance.exports for instance in found.scope.instances)
    (mine,) = found.resources
    u = resource_of(i["u"])
    assert i["f"] == FuncType((FieldType("t", OwnType(mine)),), OwnType(u))
    assert resource_of(j["u"]) is not u
    assert not found.children


@pytest.mark.parametrize(("wat", "message"), INVALID, ids=[message for _, message in INVALID])
def test_invalid_components_give_one_clear_message(wat: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        resolved(wat)
    assert message in str(caught.value)


def test_errors_name_the_definition_and_its_place() -> None:
    with pytest.raises(ValidationError) as caught:
        resolved('(component (component (import "f" (func (type 3)))))')
    assert str(caught.value) == (
        "nested component: import `f`: type index 3 is out of range: 0 are defined here"
        " (at offset 0x15)"
    )


def test_deep_types_are_refused() -> None:
    nested = b"\x7f" + b"".join(b"\x6b" + bytes([n]) for n in range(63))
    nested += b"".join(b"\x6b" + bytes([n & 0x7F | 0x80, n >> 7]) for n in range(63, 120))
    with pytest.raises(ValidationError, match="types nest more than 100 deep"):
        resolve(decode(component((7, bytes([121]) + nested))))


def test_types_that_double_at_each_step_are_refused() -> None:
    doubling = b"\x7f" + b"".join(b"\x6f\x02" + bytes([n, n]) for n in range(40))
    with pytest.raises(ValidationError, match="more than 10000 types"):
        resolve(decode(component((7, bytes([41]) + doubling))))


def test_many_instances_of_a_large_component_are_refused() -> None:
    large = f"(component $large {'(type u8)' * 1000})"
    wat = f"(component {large} {'(instance (instantiate $large))' * 200})"
    with pytest.raises(ValidationError, match="comes to more than 100000 definitions"):
        resolve(decode(encode(wat)))


def test_instances_that_double_at_each_step_are_refused() -> None:
    wat = "(component $c0)"
    for n in range(20):
        wat = (
            f"(component $c{n + 1} {wat} "
            f"(instance (instantiate $c{n})) (instance (instantiate $c{n})))"
        )
    with pytest.raises(ValidationError, match="more than 10000 instances"):
        resolved(f"(component {wat} (instance (instantiate $c20)))")


def test_instances_that_nest_without_end_are_refused() -> None:
    wat = "(component $c0)"
    for n in range(150):
        wat += f"(component $c{n + 1} (instance (instantiate $c{n})))"
    with pytest.raises(ValidationError, match="instances nest more than 100 deep"):
        resolved(f"(component {wat} (instance (instantiate $c150)))")


def test_instances_made_of_instances_without_end_are_refused() -> None:
    wat = "(instance $i0)"
    for n in range(150):
        wat += f'(instance $i{n + 1} (export "a" (instance $i{n})))'
    with pytest.raises(ValidationError, match="types nest more than 100 deep"):
        resolved(f"(component {wat})")


def test_a_type_is_used_by_the_index_its_import_or_export_introduces() -> None:
    lifted = (
        '(core module $m (func (export "f") (result i32) unreachable))'
        " (core instance $i (instantiate $m))"
    )
    resolved(
        f'(component {lifted} (type $r (resource (rep i32))) (export $named "r" (type $r))'
        ' (func $f (result (own $r)) (canon lift (core func $i "f")))'
        ' (export "f" (func $f) (func (result (own $named))))'
        ' (func $g (result (own $named)) (canon lift (core func $i "f"))) (export "g" (func $g)))'
    )

"""Small components in text form, for composing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import wasmtime
from wasmtime import component as native

from spindle.component.component import Compiler, Component
from spindle.component.core import Engine
from spindle.component.host import HostInterface
from spindle.component.imports import Imports
from spindle.composition import Composition, Part, read_part

COMPILER = Compiler(Engine(), None)


def part(name: str, wat: str) -> Part:
    """A part from its text."""
    return read_part(name, bytes(wasmtime.wat2wasm(wat)))


def run(
    composition: Composition,
    path: tuple[str, ...],
    *args: Any,
    host: Mapping[str, HostInterface] | None = None,
) -> Any:
    """Call an export of a composition, which the engine takes as well."""
    data = bytes(composition)
    native.Component(wasmtime.Engine(), data)
    instance = Component.load(data, COMPILER).instantiate(Imports(host))
    try:
        return instance.func(*path).call(*args)
    finally:
        instance.close()


def provider(export: str, function: str, body: str) -> str:
    """Exports an interface with one function `(func (param "n" u32) (result u32))`."""
    return f"""(component
      (core module $m (func (export "f") (param $n i32) (result i32) {body}))
      (core instance $i (instantiate $m))
      (func $f (param "n" u32) (result u32) (canon lift (core func $i "f")))
      (instance $exports (export "{function}" (func $f)))
      (export "{export}" (instance $exports)))"""


def consumer(body: str, *imports: tuple[str, str], export: str | None = None) -> str:
    """Imports functions (interface, name) as `$f0`, `$f1`… and exports `run`, or a `handle`."""
    declared = "".join(
        f'(import "{interface}" (instance $i{n} '
        f'(export "{name}" (func (param "n" u32) (result u32)))))\n'
        f'(core func $f{n} (canon lower (func $i{n} "{name}")))\n'
        for n, (interface, name) in enumerate(imports)
    )
    core = "".join(
        f'(import "" "f{n}" (func $f{n} (param i32) (result i32)))' for n in range(len(imports))
    )
    given = "".join(f'(export "f{n}" (func $f{n}))' for n in range(len(imports)))
    exported = '(export "run" (func $run))'
    if export is not None:
        exported = (
            f'(instance $exports (export "handle" (func $run))) (export "{export}" '
            "(instance $exports))"
        )
    return f"""(component
      {declared}
      (core module $m {core} (func (export "run") (param $n i32) (result i32) {body}))
      (core instance $m (instantiate $m (with "" (instance {given}))))
      (func $run (param "n" u32) (result u32) (canon lift (core func $m "run")))
      {exported})"""


CART = """
  (export "cart" (type $cart (sub resource)))
  (export "[constructor]cart" (func (param "total" u32) (result (own $cart))))
  (export "[method]cart.total" (func (param "self" (borrow $cart)) (result u32)))"""

CARTS = """(component
  (type $r (resource (rep i32)))
  (core func $new (canon resource.new $r))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "total") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func $make (param "total" u32) (result (own $r)) (canon lift (core func $i "make")))
  (func $total (param "self" (borrow $r)) (result u32) (canon lift (core func $i "total")))
  (component $shim
    (import "cart" (type $r (sub resource)))
    (import "make" (func $make (param "total" u32) (result (own $r))))
    (import "total" (func $total (param "self" (borrow $r)) (result u32)))
    (export $e "cart" (type $r))
    (export "[constructor]cart" (func $make) (func (param "total" u32) (result (own $e))))
    (export "[method]cart.total" (func $total)
      (func (param "self" (borrow $e)) (result u32))))
  (instance $x (instantiate $shim
    (with "cart" (type $r)) (with "make" (func $make)) (with "total" (func $total))))
  (export "lib:shop/carts@1.2.0" (instance $x)))"""
"""Exports a resource."""

TILL = f"""(component
  (import "lib:shop/carts@1.0.0" (instance $carts {CART}))
  (alias export $carts "cart" (type $cart))
  (core func $total (canon lower (func $carts "[method]cart.total")))
  (core func $drop (canon resource.drop $cart))
  (core module $m
    (import "" "total" (func $total (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "pay") (param $cart i32) (result i32)
      (local $sum i32)
      (local.set $sum (i32.mul (call $total (local.get $cart)) (i32.const 2)))
      (call $drop (local.get $cart))
      (local.get $sum)))
  (core instance $i (instantiate $m (with "" (instance
    (export "total" (func $total)) (export "drop" (func $drop))))))
  (func $pay (param "cart" (own $cart)) (result u32) (canon lift (core func $i "pay")))
  (component $shim
    (import "cart" (type $r (sub resource)))
    (import "pay" (func $pay (param "cart" (own $r)) (result u32)))
    (export $e "cart" (type $r))
    (export "pay" (func $pay) (func (param "cart" (own $e)) (result u32))))
  (instance $x (instantiate $shim (with "cart" (type $cart)) (with "pay" (func $pay))))
  (export "lib:shop/till@1.0.0" (instance $x)))"""
"""Takes what another component's resource is."""

SHOPPER = f"""(component
  (import "lib:shop/carts@1.0.0" (instance $carts {CART}))
  (alias export $carts "cart" (type $cart))
  (import "lib:shop/till@1.0.0" (instance $till
    (alias outer 1 $cart (type $outer))
    (export "cart" (type $cart (eq $outer)))
    (export "pay" (func (param "cart" (own $cart)) (result u32)))))
  (core func $make (canon lower (func $carts "[constructor]cart")))
  (core func $pay (canon lower (func $till "pay")))
  (core module $m
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "pay" (func $pay (param i32) (result i32)))
    (func (export "run") (param $n i32) (result i32)
      (call $pay (call $make (local.get $n)))))
  (core instance $i (instantiate $m (with "" (instance
    (export "make" (func $make)) (export "pay" (func $pay))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"""
"""Hands one component's resource to another."""

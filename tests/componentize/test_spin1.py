"""Modules of the SDKs of Spin 0.x and 1.x: every function they may import, and their handlers."""

from __future__ import annotations

import pytest
from tests.componentize.modules import module

from spindle.component.component import Component
from spindle.component.host import HostInterface
from spindle.component.imports import Imports
from spindle.component.values import Err, Ok
from spindle.interfaces import find_interface

ALLOCATOR = """
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $next (i32.add (global.get $next) (i32.add (local.get 3) (i32.const 8))))
    (i32.and (i32.sub (global.get $next) (local.get 3)) (i32.const -8)))
"""
HANDLER = """
  (func (export "handle-http-request") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 0))
"""
N = "i32"
CORE_TYPES = {
    "wasi-outbound-http": {"request": [N] * 11},
    "spin-config": {"get-config": [N] * 3},
    "outbound-redis": {
        "publish": [N] * 7, "set": [N] * 7, "get": [N] * 5, "incr": [N] * 5, "del": [N] * 5,
        "sadd": [N] * 7, "smembers": [N] * 5, "srem": [N] * 7, "execute": [N] * 7,
    },
    "outbound-pg": {"query": [N] * 7, "execute": [N] * 7},
    "outbound-mysql": {"query": [N] * 7, "execute": [N] * 7},
    "sqlite": {"open": [N] * 3, "execute": [N] * 6, "close": [N]},
    "key-value": {
        "open": [N] * 3, "get": [N] * 4, "set": [N] * 6, "delete": [N] * 4, "exists": [N] * 4,
        "get-keys": [N] * 2, "close": [N],
    },
    "llm": {
        "infer": [*[N] * 6, "f32", N, "f32", N, "f32", N], "generate-embeddings": [N] * 5,
    },
}  # fmt: skip
"""The core types that Spin's own adapter for these modules gives the functions."""


def imports(modules: dict[str, dict[str, list[str]]]) -> str:
    return "".join(
        f'(import "{name}" "{function}" (func (param {" ".join(params)})))'
        for name, functions in modules.items()
        for function, params in functions.items()
    )


def test_every_function_has_its_core_type_still() -> None:
    text = imports(CORE_TYPES) + ALLOCATOR + HANDLER
    component = Component.load(module(text))
    assert list(component.exports) == ["fermyon:spin/inbound-http"]
    assert all(find_interface(name) for name in (*component.imports, *component.exports))
    # The types of lowered functions are compared with the module's when it is instantiated.
    component.instantiate(Imports(lenient=True))


REDIS = """
  (import "outbound-redis" "get" (func $get (param i32 i32 i32 i32 i32)))
  (data (i32.const 16) "redis://a")
  (func (export "handle-redis-message") (param i32 i32) (result i32)
    (call $get (i32.const 16) (i32.const 9) (local.get 0) (local.get 1) (i32.const 64))
    (i32.store8 (i32.const 32) (i32.load8_u (i32.const 64)))
    (i32.store8 (i32.const 33) (i32.load8_u (i32.const 68)))
    (i32.const 32))
"""


@pytest.mark.parametrize(("answer", "result"), [(Ok(b"x"), Ok(None)), (Err("error"), Err("error"))])
def test_a_redis_handler(answer: object, result: object) -> None:
    asked: list[tuple[object, ...]] = []

    def get(_task: object, *args: object) -> object:
        asked.append(args)
        return answer

    component = Component.load(module(REDIS + ALLOCATOR))
    redis = Imports({"fermyon:spin/redis": HostInterface({"get": get})})
    handle = component.instantiate(redis).func("fermyon:spin/inbound-redis", "handle-message")
    assert handle.call(b"key") == result
    assert asked == [("redis://a", "key")]

"""Core definitions as bytes: what a component around a core module has beyond a composition.

Spec: Binary.md.
"""

from __future__ import annotations

from collections.abc import Callable

from spindle.composition.bits import name, unsigned, vector
from spindle.composition.encoder import Extra, extern_name, sort, sort_index, valtype
from spindle.wasm.canonical import CanonBuiltin, CanonLift, CanonLower, CanonOptions
from spindle.wasm.definitions import (
    NO_ATTRIBUTES,
    AliasCoreExport,
    CoreInlineExports,
    CoreInstantiate,
    InlineExports,
    ValTypeRef,
)
from spindle.wasm.sections import BUILTINS, OPTIONS

_CORE = 1
"""Where the code of a core sort begins in that of any sort."""


def _core_instantiate(definition: CoreInstantiate) -> bytes:
    args = (name(text) + b"\x12" + unsigned(index) for text, index in definition.args)
    return b"\x00" + unsigned(definition.module) + vector(args)


def _core_inline_exports(definition: CoreInlineExports) -> bytes:
    return b"\x01" + vector(name(n) + sort_index(of)[_CORE:] for n, of in definition.exports)


def _inline_exports(definition: InlineExports) -> bytes:
    exports = (extern_name(n, NO_ATTRIBUTES) + sort_index(of) for n, of in definition.exports)
    return b"\x01" + vector(exports)


def _alias_core_export(alias: AliasCoreExport) -> bytes:
    return sort(alias.sort) + b"\x01" + unsigned(alias.instance) + name(alias.name)


_ENCODINGS = {
    spelled: bytes([code]) for code, (field, spelled, _) in OPTIONS.items() if field[0] == "s"
}
_INDICES = {"memory": b"\x03", "realloc": b"\x04", "post_return": b"\x05", "callback": b"\x07"}


def _options(options: CanonOptions) -> bytes:
    given = [_ENCODINGS[options.string_encoding]]
    for field, code in _INDICES.items():
        if (index := getattr(options, field)) is not None:
            given.append(code + unsigned(index))
    if options.is_async:
        given.append(b"\x06")
    return vector(given)


def _lift(definition: CanonLift) -> bytes:
    func = b"\x00\x00" + unsigned(definition.core_func)
    return func + _options(definition.options) + unsigned(definition.type)


def _lower(definition: CanonLower) -> bytes:
    return b"\x01\x00" + unsigned(definition.func) + _options(definition.options)


def _result(type: ValTypeRef | None) -> bytes:
    return b"\x01\x00" if type is None else b"\x00" + valtype(type)


def _immediate_options(builtin: CanonBuiltin) -> bytes:
    if "cancel" in builtin.name:
        return bytes([builtin.options.is_async])
    if builtin.name.startswith("waitable-set"):
        return unsigned(builtin.options.memory or 0)
    return _options(builtin.options)


_IMMEDIATES: dict[str, Callable[[CanonBuiltin], bytes]] = {
    "type": lambda b: unsigned(b.type or 0),
    "result": lambda b: _result(b.result),
    "options": _immediate_options,
    "cancellable": lambda b: bytes([b.cancellable]),
    "valtype": lambda _: b"\x7f",
    "slot": lambda b: unsigned(b.slot or 0),
}
_CODES = {name: (bytes([code]), tuple(fields)) for code, (name, fields) in BUILTINS.items()}


def _builtin(definition: CanonBuiltin) -> bytes:
    code, fields = _CODES[definition.name]
    return code + b"".join(_IMMEDIATES[field](definition) for field in fields)


CORE_KINDS: Extra = {
    CoreInstantiate: (2, _core_instantiate),
    CoreInlineExports: (2, _core_inline_exports),
    InlineExports: (5, _inline_exports),
    AliasCoreExport: (6, _alias_core_export),
    CanonLift: (8, _lift),
    CanonLower: (8, _lower),
    CanonBuiltin: (8, _builtin),
}

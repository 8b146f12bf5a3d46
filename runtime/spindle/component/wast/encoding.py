"""Components as text made binary, options that the engine's text format has given up included.

`cancellable` is one: the binary format has a flag for it, so the text is encoded without the word
and the flag set afterwards. Built-ins come in the same order in both.

Spec: Binary.md#canonical-definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spindle.component.core import wat_to_wasm
from spindle.component.wast.forms import Form, read_forms
from spindle.wasm.canonical import CanonBuiltin
from spindle.wasm.decoder import decode
from spindle.wasm.definitions import Component
from spindle.wasm.sections import BUILTINS

OPTION = "cancellable"
_OPTION = re.compile(rf"(?<=\s){OPTION}(?=[\s)])")
_TAKE_IT = {name for name, immediates in BUILTINS.values() if next(iter(immediates), "") == OPTION}


def encode(text: str) -> bytes:
    """The binary of a component; raises `CoreError` for what cannot be encoded."""
    if OPTION not in text:
        return wat_to_wasm(text)
    flags = [OPTION in form.items for form in read_forms(text) for form in _cancellable(form)]
    binary = bytearray(wat_to_wasm(_OPTION.sub("", text)))
    for offset, flag in zip(_offsets(decode(binary)), flags, strict=True):
        binary[offset + 1] = flag  # the first immediate, after the opcode
    return bytes(binary)


def _cancellable(form: Form) -> Iterator[Form]:
    """The built-ins in a form that the option is for."""
    if form.head == "canon" and form.items[1] in _TAKE_IT:
        yield form
    for item in form.items:
        if isinstance(item, Form):
            yield from _cancellable(item)


def _offsets(component: Component) -> Iterator[int]:
    """Where in a binary those built-ins are."""
    for definition, offset in zip(component.definitions, component.offsets, strict=True):
        if isinstance(definition, Component):
            yield from _offsets(definition)
        elif isinstance(definition, CanonBuiltin) and definition.name in _TAKE_IT:
            yield offset

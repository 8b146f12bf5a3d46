"""All that is derived from a core function type once: codecs, buffers, a trampoline."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from ctypes import c_size_t, c_void_p
from struct import Struct
from typing import TYPE_CHECKING, Any

from spindle.component.core.c_api import STRLEN, functype_new, valtype_new, valtype_vec_new
from spindle.component.core.errors import Vec
from spindle.component.core.trampolines import RAW, make_trampoline
from spindle.component.core.types import KINDS, CoreType

if TYPE_CHECKING:
    from spindle.component.core.types import CoreValue


VAL_SIZE = 32
_VAL = {"i32": "B7xI20x", "i64": "B7xQ16x", "f32": "B7xf20x", "f64": "B7xd16x"}
VAL_OUT = {"i32": "8xI20x", "i64": "8xQ16x", "f32": "8xf20x", "f64": "8xd16x"}
_POINTERS = Struct("<QQQ")


class Signature:
    """All that is derived from a core function type once: its C type, codecs and trampoline."""

    __slots__ = (
        "_core_type", "_pack", "_types", "_values", "frames", "param_count", "raw_in", "raw_out",
        "raw_slots", "result_count", "results_at", "tail_at", "trampoline", "unpack",
    )  # fmt: skip

    def __init__(self, core_type: CoreType) -> None:
        params, results = core_type.params, core_type.results
        self._core_type = core_type
        self._types: dict[int, int] = {}
        self._pack = Struct("<" + "".join(_VAL[p] for p in params)).pack_into
        self._values: list[Any] = [kind for p in params for kind in (KINDS[p], None)]
        """What is packed for a call, with room for its arguments."""
        self.unpack = Struct("<" + "".join(VAL_OUT[r] for r in results)).unpack_from
        self.param_count = len(params)
        self.result_count = len(results)
        self.results_at = len(params) * VAL_SIZE
        self.tail_at = self.results_at + len(results) * VAL_SIZE
        self.frames: list[Frame] = []
        """Those of calls that have ended, to be used again."""
        self.raw_slots = max(len(params), len(results))
        self.raw_in = Struct("<" + "".join(RAW[p] for p in params))
        self.raw_out = Struct("<" + "".join(RAW[r] for r in results))
        self.trampoline = make_trampoline(params, results)

    def frame(self, args: Sequence[CoreValue]) -> Frame:
        """A frame with arguments, as the C API's values."""
        # Stores of other threads share this signature, though never a frame.
        try:
            frame = self.frames.pop()
        except IndexError:
            frame = Frame(self)
        self.pack_arguments(frame.view, args)
        return frame

    def pack_arguments(self, view: memoryview, args: Sequence[CoreValue]) -> None:
        """Write a call's arguments, as the C API's values."""
        values = self._values.copy()
        values[1::2] = args
        self._pack(view, 0, *values)

    def type(self, engine: int) -> int:
        """The C type; an engine takes only types that no other has seen."""
        found = self._types.get(engine)
        if found is None:
            found = self._types[engine] = _c_type(self._core_type.params, self._core_type.results)
        return found


class Frame:
    """What a call needs: arguments, results, trap and error, and the continuation's byte."""

    __slots__ = ("_buffer", "continuation", "flag", "pointers", "view")

    def __init__(self, kind: Signature) -> None:
        self._buffer = ctypes.create_string_buffer(kind.tail_at + 16 + 16)
        self.view = memoryview(self._buffer).cast("B")
        base = ctypes.addressof(self._buffer)
        tail = base + kind.tail_at
        self.pointers = (
            c_void_p(base), c_size_t(kind.param_count), c_void_p(base + kind.results_at),
            c_size_t(kind.result_count), c_void_p(tail), c_void_p(tail + 8),
        )  # fmt: skip
        self.flag = tail + 16
        self.continuation = _POINTERS.pack(STRLEN, self.flag, 0)


@functools.cache
def signature(core_type: CoreType) -> Signature:
    """The signature of a core function type."""
    return Signature(core_type)


def _c_type(params: Sequence[str], results: Sequence[str]) -> int:
    def vec(types: Sequence[str]) -> Vec:
        array = (c_void_p * max(1, len(types)))(*(valtype_new(KINDS[t]) for t in types))
        out = Vec()
        valtype_vec_new(ctypes.addressof(out), len(types), ctypes.addressof(array))
        return out

    ins, outs = vec(params), vec(results)
    return int(functype_new(ctypes.addressof(ins), ctypes.addressof(outs)))

"""wasmtime's own component API as the second opinion on what is valid."""

from __future__ import annotations

import re
from functools import cache

import wasmtime
from wasmtime import _ffi as ffi
from wasmtime import component as native

from spindle.component.component import Compiler
from spindle.component.component import Component as Ours
from spindle.component.core import Engine
from spindle.component.planner import UnsupportedError
from spindle.errors import ComponentError
from spindle.wasm.decoder import decode
from spindle.wasm.definitions import Component

FEATURES = ("async", "async_stackful", "more_async_builtins", "map", "implements")
"""Parts of the component model that wasmtime has behind switches."""


@cache
def native_engine() -> wasmtime.Engine:
    """wasmtime with every part of the component model it knows."""
    config = wasmtime.Config()
    config.cranelift_opt_level = "none"
    config.parallel_compilation = False
    for feature in FEATURES:
        switch = getattr(ffi.dll, f"wasmtime_config_wasm_component_model_{feature}_set")
        switch(config.ptr(), True)
    return wasmtime.Engine(config)


def native_problem(data: bytes) -> str | None:
    """Why wasmtime refuses a component, if it does."""
    try:
        native.Component(native_engine(), data)
    except wasmtime.WasmtimeError as error:
        return " ".join(str(error).split())
    return None


@cache
def _engine() -> Engine:
    return Engine(parallel=False)


def our_problem(data: bytes) -> str | None:
    """Why Spindle refuses a component, if it does for a fault of it."""
    try:
        Ours.load(data, Compiler(_engine(), None))
    except UnsupportedError:
        return None
    except ComponentError as error:
        return str(error)
    return None


class Disagreement(AssertionError):
    """One takes what the other refuses, and no accepted difference says why."""


def check_agreement(data: bytes) -> str:
    """Spindle and wasmtime both take a component or both refuse it."""
    ours, theirs = our_problem(data), native_problem(data)
    if (ours is None) == (theirs is None):
        return "valid" if ours is None else "invalid"
    reason = accepted(ours, theirs) or idle(data, theirs)
    if reason is None:
        raise Disagreement(f"ours: {ours}; theirs: {theirs}")
    return reason


WE_REFUSE: list[tuple[str, str]] = [
    (r"the component comes to more than \d+", "our limit: definitions"),
    (r"the component imports the function `[^`]*` as", "our rule: imports that lie"),
]
"""Parts of our messages where wasmtime has no objection, each with the reason."""
THEY_REFUSE: list[tuple[str, str]] = [
    ("is a reexport of an imported function which is not impl", "their gap: exported imports"),
    ("requires the component model threading feature", "their switch: threads"),
    ("requires the component model error-context feature", "their switch: error contexts"),
    ("requires the component model fixed-length list", "their switch: lists of fixed lengths"),
    ("requires the component model values feature", "their switch: values"),
    ("from the root component is not supported", "their gap: exports that are no functions"),
    ("requires the shared-everything-threads proposal", "their switch: shared threads"),
    ("immediate must be zero", "their switch: threads"),
    ("historically accepted as `cancellable`", "their version: `cancellable` is gone"),
    ("components count exceeds limit of 1000", "their limit: components"),
]
"""Parts of wasmtime's messages where we have no objection, each with the reason."""


def accepted(ours: str | None, theirs: str | None) -> str | None:
    """The name of an accepted difference."""
    known, text = (WE_REFUSE, ours) if ours is not None else (THEY_REFUSE, theirs)
    assert text is not None
    return next((reason for part, reason in known if re.search(part, text)), None)


IDLE = re.compile(
    "has no export named|does not export an item|type mismatch for|do not match|signature"
)
"""What wasmtime finds in components that nobody instantiates, and we where one is."""


def idle(data: bytes, theirs: str | None) -> str | None:
    """The accepted difference that core definitions are checked for what is instantiated."""
    nests = any(isinstance(definition, Component) for definition in decode(data).definitions)
    return "not instantiated" if theirs and IDLE.search(theirs) and nests else None

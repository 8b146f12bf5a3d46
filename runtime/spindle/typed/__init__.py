"""Components as Python objects: exports are functions with the types that WIT gives them.

    c = spindle.component("lib.wasm")
    c.math.add(2, 3)

| WIT | Python |
|---|---|
| numbers, `bool`, `char`, `string` | `int`, `float`, `bool`, `str` |
| `list<u8>`, other lists, tuples, maps | `bytes`, `list`, `tuple`, `dict` |
| `record` | a named tuple of the interface (`c.shapes.Point(x=1, y=2)`); dicts are taken |
| `variant` | classes of its cases (`Shape.Circle(2.0)`), for `match`; pairs are taken |
| `enum`, `flags` | `enum.StrEnum`, `enum.Flag`; labels are taken |
| `option` | None or the value; `Some(value)` where an option is in an option |
| `result` | the value, or `WitError` is raised; within other values `Ok` and `Err` |
| resources | classes with methods; context managers |
| `stream`, `future` | iterables; values and awaitables |
"""

from spindle.component.values import Err, Ok, Some
from spindle.typed.errors import (
    ArgumentError,
    ReenteredError,
    UnknownExport,
    UnusableResource,
    WitError,
)
from spindle.typed.exports import Namespace
from spindle.typed.interrupting import INTERRUPTS
from spindle.typed.mocks import Mock, MockCall, MockFailed, UnknownImport
from spindle.typed.resources import GuestResource
from spindle.typed.streams import GuestFuture, GuestStream
from spindle.typed.tracing import Trace, TracedCall, trace
from spindle.typed.typed_component import TypedComponent, component

__all__ = [
    "INTERRUPTS",
    "ArgumentError",
    "Err",
    "GuestFuture",
    "GuestResource",
    "GuestStream",
    "Mock",
    "MockCall",
    "MockFailed",
    "Namespace",
    "Ok",
    "ReenteredError",
    "Some",
    "Trace",
    "TracedCall",
    "TypedComponent",
    "UnknownExport",
    "UnknownImport",
    "UnusableResource",
    "WitError",
    "component",
    "trace",
]

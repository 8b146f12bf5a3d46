"""The canonical definitions of a component binary, with their indices as they stand.

They are apart from the other definitions because plans hold built-ins: a start that finds its plan
in the cache needs these few classes alone.

Spec: Binary.md#canonical-definitions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from spindle.wasm.definitions import Index, ValTypeRef
    from spindle.wasm.types import CoreValType

StringEncoding: TypeAlias = Literal["utf8", "utf16", "latin1+utf16"]


class CanonOptions(NamedTuple):
    """The canonical options; what is absent is None, and strings are `utf8` by default."""

    string_encoding: StringEncoding = "utf8"
    memory: Index | None = None
    realloc: Index | None = None
    post_return: Index | None = None
    is_async: bool = False
    callback: Index | None = None


NO_OPTIONS = CanonOptions()


class CanonLift(NamedTuple):
    """`canon lift`: a core function made a component function; appends to the func space."""

    core_func: Index
    options: CanonOptions
    type: Index


class CanonLower(NamedTuple):
    """`canon lower`: a component function made a core one; appends to the core func space."""

    func: Index
    options: CanonOptions


class CanonBuiltin(NamedTuple):
    """Any other canonical definition, by its name; appends to the core func space.

    Only the immediates its name calls for are set (`BUILTINS` in `spindle.wasm.sections` lists
    them).
    """

    name: str
    """As in the text format: `resource.new`, `stream.cancel-read`, `thread.yield`, …"""
    type: Index | None = None
    """The resource, stream or future type."""
    result: ValTypeRef | None = None
    """What `task.return` takes."""
    options: CanonOptions = NO_OPTIONS
    """Also holds `is_async` of `*.cancel-*` and `memory` of `waitable-set.*`."""
    cancellable: bool = False
    shared: bool = False
    core_type: Index | None = None
    """The type of a thread's start function."""
    table: Index | None = None
    """The core table a thread's start function is in."""
    valtype: CoreValType | None = None
    """The type of a `context.*` slot."""
    slot: int | None = None
    """The number of a `context.*` slot."""

"""What core modules call the functions they import, by the conventions of bindings generators.

An import's module is the interface, `$root` for what belongs to none, and begins with `[export]`
where the interface is the module's own. Its name is the function's or, with brackets in front, a
built-in's and what that is about.

Spec: wit-component's names for core modules; Explainer.md#canonical-abi.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from spindle.wasm.canonical import NO_OPTIONS, CanonBuiltin, CanonOptions

ROOT = "$root"
OWN = "[export]"
LOWERED = "[async-lower]"
LIFTED = "[async-lift]"
STACKFUL = "[async-lift-stackful]"
CALLBACK = "[callback]"
POST_RETURN = "cabi_post_"
REALLOCS = ("cabi_realloc", "canonical_abi_realloc")
INITIALIZE = "_initialize"
MEMORY = "memory"

_PLAIN = {
    "backpressure-dec": "backpressure.dec",
    "backpressure-inc": "backpressure.inc",
    "error-context-drop": "error-context.drop",
    "subtask-drop": "subtask.drop",
    "task-cancel": "task.cancel",
    "thread-index": "thread.index",
    "waitable-join": "waitable.join",
    "waitable-set-drop": "waitable-set.drop",
    "waitable-set-new": "waitable-set.new",
}
_CANCELLABLE = {
    "thread-yield": "thread.yield",
    "waitable-set-poll": "waitable-set.poll",
    "waitable-set-wait": "waitable-set.wait",
    "yield": "thread.yield",
}
_RESOURCE = re.compile(r"\[(resource-(?:new|rep|drop))\](.+)")
_PAYLOAD = re.compile(
    r"\[((future|stream)-(?:new|read|write|cancel-read|cancel-write|drop-readable|drop-writable))"
    r"-(\d+)\](.+)"
)
_CONTEXT = re.compile(r"\[context-(get|set)-([01])\]")
_WORD = re.compile(r"(\[cancellable\])?\[([a-z-]+)\]")


class Function(NamedTuple):
    """A function of an interface, or of the world."""

    name: str
    is_async: bool


class Resource(NamedTuple):
    """A built-in about a resource type."""

    builtin: str
    name: str


class TaskReturn(NamedTuple):
    """`task.return` of a function that the module exports."""

    name: str


class Payload(NamedTuple):
    """A built-in about the `number`-th stream or future in a function's type."""

    builtin: str
    kind: Literal["future", "stream"]
    number: int
    name: str
    is_async: bool


Meaning = Function | Resource | TaskReturn | Payload | CanonBuiltin


def read_name(name: str) -> Meaning:
    """What an import's name means."""
    is_async = name.startswith(LOWERED)
    bare = name.removeprefix(LOWERED)
    if found := _RESOURCE.fullmatch(bare):
        return Resource(found[1].replace("-", ".", 1), found[2])
    if bare.startswith("[task-return]"):
        return TaskReturn(bare.removeprefix("[task-return]"))
    if found := _PAYLOAD.fullmatch(bare):
        kind: Literal["future", "stream"] = "future" if found[2] == "future" else "stream"
        builtin = found[1].replace("-", ".", 1)
        return Payload(builtin, kind, int(found[3]), found[4], is_async)
    return _plain(bare, is_async) or Function(bare, is_async)


def _plain(name: str, is_async: bool) -> CanonBuiltin | None:
    """A built-in that is about nothing."""
    if found := _CONTEXT.fullmatch(name):
        return CanonBuiltin(f"context.{found[1]}", valtype="i32", slot=int(found[2]))
    options = CanonOptions(is_async=True) if is_async else NO_OPTIONS
    match _WORD.fullmatch(name):
        case None:
            return None
        case found if (builtin := _CANCELLABLE.get(found[2])) is not None:
            return CanonBuiltin(builtin, cancellable=found[1] is not None)
        case found if (builtin := _PLAIN.get(found[2])) is not None:
            return CanonBuiltin(builtin)
        case found if found[2] == "subtask-cancel":
            return CanonBuiltin("subtask.cancel", options=options)
        case found if found[2].startswith("error-context-") and "utf" in found[2]:
            return _error_context(found[2])
    return None


def _error_context(word: str) -> CanonBuiltin | None:
    for operation in ("new", "debug-message"):
        if word == f"error-context-{operation}-utf8":
            return CanonBuiltin(f"error-context.{operation}")
    return None

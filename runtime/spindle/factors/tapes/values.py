"""Component values as JSON, and back.

What JSON has no word for is an object with one member: `{"ok": …}`, `{"case": [label, payload]}`,
`{"bytes": base64}`. A stream is what came of it, a future what it became, a resource its label.
"""

from __future__ import annotations

import base64
import math
from array import array
from collections.abc import Iterable, Mapping
from typing import Any

from spindle.component.columns import Rows
from spindle.component.ends import HostFuture, HostReadable, ItemsSource
from spindle.component.values import Err, Ok, Some, Variant
from spindle.factors.streaming import Elements


class StandIn:
    """A resource nobody is behind: whatever is done with it does nothing."""

    def __init__(self, label: object) -> None:
        self.label = label

    def __getattr__(self, _name: str) -> StandIn:
        return self

    def __call__(self, *_args: Any) -> StandIn:
        return self


def written(value: Any) -> Any:
    """A value as JSON."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else {"float": repr(value)}
        case bytes() | bytearray() | memoryview():
            return {"bytes": base64.b64encode(value).decode("ascii")}
        case Ok():
            return {"ok": written(value.value)}
        case Err():
            return {"err": written(value.value)}
        case Some():
            return {"some": written(value.value)}
        case Variant():
            return {"case": [value.case, written(value.value)]}
        case tuple():
            return {"tuple": _items(value)}
        case list() | Rows() | array():
            return _items(value)
        case frozenset() | set():
            return {"flags": sorted(value)}
        case Mapping():
            return {"map": [[written(key), written(item)] for key, item in value.items()]}
        case Elements():
            return {"stream": _items(value.kept or ())}
        case ItemsSource():
            return {"stream": []}  # only what is empty is given so
        case HostFuture():
            known = value.known
            return {"future": [] if known is None else [written(known[0])]}
    return {"resource": str(getattr(value, "label", type(value).__name__))}


def keep_streams(value: Any) -> bool:
    """Have streams in a value keep what comes of them; whether there are any, or futures."""
    if isinstance(value, Elements):
        value.kept = []
        return True
    if isinstance(value, HostReadable | HostFuture):
        return True
    if isinstance(value, tuple | list):
        return any([keep_streams(item) for item in value])  # noqa: C419 - all of them
    return False


def read(said: Any) -> Any:
    """The value that was written so; raises `ValueError`."""
    if isinstance(said, list):
        return [read(item) for item in said]
    if not isinstance(said, dict):
        return said
    ((kind, inner),) = said.items()
    match kind:
        case "float":
            return float(inner)
        case "bytes":
            return base64.b64decode(inner)
        case "ok":
            return Ok(read(inner))
        case "err":
            return Err(read(inner))
        case "some":
            return Some(read(inner))
        case "case":
            return Variant(inner[0], read(inner[1]))
        case "tuple":
            return tuple(read(item) for item in inner)
        case "flags":
            return frozenset(inner)
        case "map":
            return [(read(key), read(item)) for key, item in inner]
        case "stream":
            return ItemsSource([read(item) for item in inner])
        case "future":
            return HostFuture.of(read(inner[0])) if inner else HostFuture()
        case "resource":
            return StandIn(inner)
    raise ValueError(f"there is no value of kind `{kind}`")


def _items(items: Iterable[Any]) -> list[Any]:
    return [written(item) for item in items]

"""The trap in the document of an exchange, as a host tells of it when it happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spindle.exchange import Exchange, Frame, HttpInput, Traceback, Trap
from spindle.text import printable

Json = Mapping[str, Any]
_NEEDED = ("id", "component", "trigger", "input", "trap")


def render_trap(exchange: Json, root: Path, *, color: bool) -> str:
    """Why a guest was stopped, and where; its sources lie below `root`."""
    # Imported here, for few exchanges end so.
    from spindle.cli.failures import render_failure
    from spindle.errors import GuestError
    from spindle.executor import Failure

    exchange = {name: _clean(exchange[name]) for name in _NEEDED}
    trap, record = _trap(exchange["trap"]), _record(exchange)
    failure = Failure(exchange["component"], GuestError(trap.reason), trap, (record,))
    return render_failure(failure, root, Path.cwd(), color=color)


def _clean(value: Any) -> Any:
    """A value without what a terminal acts on: a document may be from anywhere."""
    match value:
        case str():
            return printable(value, keep="\n")
        case Mapping():
            return {name: _clean(part) for name, part in value.items()}
        case [*parts]:
            return [_clean(part) for part in parts]
    return value


def _trap(trap: Json) -> Trap:
    told = trap["traceback"]
    traceback = None
    if told is not None:
        traceback = Traceback(told["language"], told["message"], tuple(_frames(told["frames"])))
    frames = tuple(_frames(trap["frames"]))
    return Trap(trap["reason"], frames, trap["export"], traceback, trap["dependency"])


def _frames(frames: list[Json]) -> Iterator[Frame]:
    return (Frame(**frame) for frame in frames)


def _record(exchange: Json) -> Exchange:
    """As much of the record as its title needs."""
    trigger, asked = exchange["trigger"], exchange["input"]
    record = Exchange(trigger["type"], trigger["target"], exchange["component"])
    record.id = exchange["id"]
    if trigger["type"] == "http":
        path = asked["path_with_query"]
        record.input = HttpInput(asked["method"], asked["scheme"], asked["authority"], path, ())
    return record

"""What differs between two exchanges: responses, traps and host calls.

Pure, on documents. What differs each time without meaning anything is left out: dates, ids, times
near that of the exchange, ports of this machine. JSON is compared by what it says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from spindle.exchange import Json
from spindle.replay.plain import Plain, call_key, call_name, made_plain

_ABSENT = object()


class Difference(NamedTuple):
    """One thing that is not as it was."""

    part: str
    """`output`, `trap` or `calls`; `answers` where a recording has no answer for what is asked."""
    path: str
    """Where in it: `status`, `headers.content-type`, `body.items[2].name`."""
    before: object
    """None where there was nothing."""
    after: object

    @property
    def place(self) -> str:
        """Part and path, as `ignored` names them."""
        return f"{self.part}.{self.path}" if self.path else self.part


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, ignored: Sequence[str] = ()
) -> list[Difference]:
    """What the second exchange has otherwise than the first.

    `ignored` are patterns of places: `output.body.at`, `calls.*`.
    """
    if _says(before) == _says(after):  # which most that are replayed do
        return []
    old, new = made_plain(before), made_plain(after)
    found = [
        *_of_part("output", old.output, new.output),
        *_of_part("trap", old.trap, new.trap),
        *_of_calls(old, new),
    ]
    return [each for each in found if not any(fnmatchcase(each.place, it) for it in ignored)]


def _says(document: Mapping[str, Any]) -> object:
    """All that is compared of an exchange, as it is."""
    calls = document.get("calls") or ()
    trap = document.get("trap")
    return (
        document.get("output"),
        None if trap is None else trap.get("reason"),
        [
            (call.get("interface"), call.get("func"), call.get("args"), call.get("result"))
            for call in calls
        ],
    )


def _of_part(part: str, before: Any, after: Any) -> Iterator[Difference]:
    for path, old, new in _of_values("", before, after):
        yield Difference(part, path, old, new)


def _of_values(path: str, before: Any, after: Any) -> Iterator[tuple[str, object, object]]:
    """Where two values differ; what is in one alone is None in the other."""
    if before == after and type(before) is type(after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            inner = f"{path}.{key}" if path else str(key)
            yield from _of_members(inner, before.get(key, _ABSENT), after.get(key, _ABSENT))
    elif isinstance(before, list) and isinstance(after, list):
        for number in range(max(len(before), len(after))):
            pair = (_at(before, number), _at(after, number))
            yield from _of_members(f"{path}[{number}]", *pair)
    elif not _same_number(before, after):
        yield path, before, after


def _of_members(path: str, before: Any, after: Any) -> Iterator[tuple[str, object, object]]:
    if before is _ABSENT:
        yield path, None, after
    elif after is _ABSENT:
        yield path, before, None
    else:
        yield from _of_values(path, before, after)


def _at(items: list[Any], number: int) -> Any:
    return items[number] if number < len(items) else _ABSENT


def _same_number(before: Any, after: Any) -> bool:
    numbers = (int, float)
    booleans = isinstance(before, bool) or isinstance(after, bool)
    same = isinstance(before, numbers) and isinstance(after, numbers) and before == after
    return same and not booleans


def _of_calls(old: Plain, new: Plain) -> Iterator[Difference]:
    """Calls are paired by what they ask, then by function; their order does not matter."""
    left, right = deque(old.calls), deque(new.calls)
    for pairing in (call_key, call_name):
        left, right, pairs = _paired(left, right, pairing)
        for before, after in pairs:
            yield from _of_call(before, after)
    for call in left:
        yield Difference("calls", call_name(call), _shown(call), None)
    for call in right:
        yield Difference("calls", call_name(call), None, _shown(call))


def _paired(
    left: deque[Json], right: deque[Json], key_of: Callable[[Json], str]
) -> tuple[deque[Json], deque[Json], list[tuple[Json, Json]]]:
    """Calls with the same key, in order; and those of both sides that are left."""
    waiting: dict[str, deque[Json]] = {}
    for call in right:
        waiting.setdefault(key_of(call), deque()).append(call)
    alone: deque[Json] = deque()
    pairs: list[tuple[Json, Json]] = []
    for call in left:
        same = waiting.get(key_of(call))
        if same:
            pairs.append((call, same.popleft()))
        else:
            alone.append(call)
    taken = {id(new) for _, new in pairs}
    return alone, deque(call for call in right if id(call) not in taken), pairs


def _of_call(before: Json, after: Json) -> Iterator[Difference]:
    for part in ("args", "result"):
        for path, old, new in _of_values(part, before[part], after[part]):
            yield Difference("calls", f"{call_name(before)}.{path}", old, new)


def _shown(call: Json) -> Json:
    return {"args": call["args"], "result": call["result"]}

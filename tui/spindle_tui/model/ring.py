"""The exchanges a list holds: the newest there is room for, sorted and marked.

Ids grow with time, so the order of ids is the order in which exchanges began.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from typing import Any, overload

from spindle.exchange import Summary

ROOM = 20_000
"""Exchanges that are held; of more, the oldest are let go."""


def _text(field: str) -> Callable[[Summary], Any]:
    return lambda summary: getattr(summary, field) or ""


def _number(field: str) -> Callable[[Summary], Any]:
    return lambda summary: -1 if (value := getattr(summary, field)) is None else value


ORDERS: dict[str, Callable[[Summary], Any]] = {
    "time": _text("id"),
    "method": _text("method"),
    "path": _text("path"),
    "component": _text("component"),
    "status": _number("status"),
    "took": _number("took"),
    "size": _number("sent"),
}
"""What a list may be sorted by."""


class _ByTime(Sequence[Summary]):
    """What is held, in the order of ids: nothing has to be made of it for each frame."""

    def __init__(self, ids: list[str], known: dict[str, Summary], *, descending: bool) -> None:
        self._ids = ids
        self._known = known
        self._descending = descending

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, at: int) -> Summary: ...
    @overload
    def __getitem__(self, at: slice) -> list[Summary]: ...
    def __getitem__(self, at: int | slice) -> Summary | list[Summary]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self._ids)))]
        return self._known[self._ids[~at if self._descending else at]]


class Ring:
    """Exchanges by the time they began; `rows` is how they are shown, the first on top."""

    def __init__(self, room: int = ROOM) -> None:
        self.room = room
        self.order = "time"
        self.descending = True
        self.marked: set[str] = set()
        self.paused = False
        self.fresh = 0
        """Exchanges that came while paused."""
        self.dropped = 0
        """Exchanges that happened and never came."""
        self.evicted = False
        """Whether older ones were let go: then what is older has to be asked for again."""
        self._ids: list[str] = []
        """Ascending."""
        self._known: dict[str, Summary] = {}
        self._rows: list[Summary] | None = None
        """Where they are not what is held by time: sorted otherwise, or as they were at a pause."""

    def __len__(self) -> int:
        return len(self._known)

    @property
    def oldest(self) -> str | None:
        """The id of the oldest exchange that is held."""
        return self._ids[0] if self._ids else None

    def add(self, summaries: Iterable[Summary]) -> None:
        """Take what happened; an exchange that is known is what it is now."""
        for summary in summaries:
            if summary.id not in self._known:
                self.fresh += self.paused
                self._insert(summary.id)
            self._known[summary.id] = summary
        while len(self._ids) > self.room:
            self._evict()
        self._changed()

    def add_older(self, summaries: Iterable[Summary]) -> None:
        """Take what happened before, as far as there is room."""
        older = {each.id: each for each in summaries if each.id not in self._known}
        for summary in list(older.values())[: max(0, self.room - len(self._ids))]:
            self._insert(summary.id)
            self._known[summary.id] = summary
            if self.paused and self._rows is not None:
                self._rows.append(summary)
        self._changed()

    def clear(self) -> None:
        """Hold nothing any more; what is marked stays so."""
        self._ids.clear()
        self._known.clear()
        self._rows = [] if self.paused else None
        self.fresh = self.dropped = 0
        self.evicted = False

    def pause(self, paused: bool) -> None:
        """Have what is shown stay as it is; what happens meanwhile is held all the same."""
        if paused:
            self._rows = list(self.rows)
        else:
            self._rows, self.fresh = None, 0
        self.paused = paused

    def sort(self, order: str) -> None:
        """Sort by something, and the other way round if it is sorted by that already."""
        if order == self.order:
            self.descending = not self.descending
        else:
            self.order, self.descending = order, order in ("time", "status", "took", "size")
        if self.paused:
            self._rows = self._sorted(sorted(self.rows, key=ORDERS["time"]))
        else:
            self._rows = None

    def mark(self, id: str) -> None:
        """Mark an exchange, or no longer."""
        self.marked ^= {id}

    def get(self, id: str) -> Summary | None:
        """An exchange that is held."""
        return self._known.get(id)

    @property
    def rows(self) -> Sequence[Summary]:
        """What is shown, first to last; not to be changed."""
        if self._rows is None:
            if self.order == "time":
                return _ByTime(self._ids, self._known, descending=self.descending)
            self._rows = self._sorted(self._known[id] for id in self._ids)
        return self._rows

    def _sorted(self, by_time: Iterable[Summary]) -> list[Summary]:
        rows = sorted(by_time, key=ORDERS[self.order])
        if self.descending:
            rows.reverse()  # of those that are equal, the newest is first too
        return rows

    def index_of(self, id: str) -> int | None:
        """Where an exchange is among the rows."""
        if id not in self._known:
            return None
        if self.order == "time" and not self.paused:
            at = bisect_left(self._ids, id)
            return len(self._ids) - 1 - at if self.descending else at
        return next((at for at, row in enumerate(self.rows) if row.id == id), None)

    def _insert(self, id: str) -> None:
        if not self._ids or id > self._ids[-1]:
            self._ids.append(id)
        else:
            insort(self._ids, id)

    def _evict(self) -> None:
        cut = max(1, self.room // 10)
        for id in self._ids[:cut]:
            del self._known[id]
        del self._ids[:cut]
        self.evicted = True

    def _changed(self) -> None:
        if not self.paused:
            self._rows = None

"""What a person is told when a guest fails: why, where in its sources, and whom it concerned.

A guest that traps takes all the requests it was serving with it: they are told of together. Reading
debug sections takes a while, so it is done on a thread of its own, after clients have their answer;
the exchanges are finished when that is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from spindle.component.core import CoreFrame
from spindle.component.trap import Trap as GuestTrap
from spindle.errors import GuestError
from spindle.events import Bus, EventKind
from spindle.exchange import Exchange, Frame, Traceback, Trap
from spindle.executor.loading import nice_thread
from spindle.executor.source_tree import SourceTree
from spindle.executor.tracebacks import find_traceback
from spindle.text import printable

if TYPE_CHECKING:
    from spindle.component.symbols import Symbols

MOST_WAITING = 16
"""Failures whose places are looked up one after another; of further ones only names are told."""


SHORTEST_SECRET = 4
"""Characters from which on a secret is told from what is there by chance."""
REDACTED = "[redacted]"


class Told(GuestError):
    """An invocation failed with its cause, of which the person is told by other means."""

    code = "told"

    def __init__(self, message: str, *, exchange: str | None = None) -> None:
        super().__init__(message)
        self.exchange = exchange
        """The id of the exchange that has the whole story."""


class Subject(Protocol):
    """What failed."""

    @property
    def id(self) -> str:
        """The Spin component's id."""
        ...

    @property
    def export(self) -> str:
        """What of it was called."""
        ...

    @property
    def symbols(self) -> Symbols:
        """Where its sources are."""
        ...


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that ended invocations of a component, or its instance."""

    component: str
    error: BaseException
    trap: Trap
    exchanges: tuple[Exchange, ...] = ()
    """Those it ended; none if all had their responses."""
    lines_known: bool = True
    """Whether the component says from which source lines it was made, as far as is known."""


Tell = Callable[[Failure], None]


@dataclass(slots=True, eq=False)
class _Open:
    """A failure that is still to be told of."""

    subject: Subject
    error: BaseException
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def core_frames(self) -> Sequence[CoreFrame]:
        """The guest's core stack, if there was one."""
        frames: Sequence[CoreFrame] = getattr(self.error, "core_frames", ())
        return frames


class Failures:
    """Tells of the failures of one application's guests."""

    def __init__(
        self, bus: Bus, sources: SourceTree, tell: Tell, secrets: Callable[[], Iterable[str]]
    ) -> None:
        """`secrets` are values that nobody is to read."""
        self._bus = bus
        self.sources = sources
        """Where the places on stacks are looked for."""
        self._tell = tell
        self._secrets = secrets
        self._open: dict[int, _Open] = {}
        self._thread: ThreadPoolExecutor | None = None
        self._looking: list[_Open] = []
        """Those whose places are being looked up."""

    def report(
        self, subject: Subject, error: BaseException, exchange: Exchange | None = None
    ) -> None:
        """Tell of an error, once, and of all exchanges it is reported for at this moment.

        The exchanges are published as finished.
        """
        told = self._open.get(id(error))
        if told is None:
            told = self._open[id(error)] = _Open(subject, error)
            asyncio.get_running_loop().call_soon(self._begin, told)
        if exchange is not None:
            told.exchanges.append(exchange)

    def _begin(self, told: _Open) -> None:
        if self._open.pop(id(told.error), None) is None:
            return  # closed meanwhile
        frames = told.core_frames
        if not frames or len(self._looking) >= MOST_WAITING:
            self._finish(told, self._plain(told))
            return
        if self._thread is None:
            self._thread = nice_thread()
        self._looking.append(told)
        loop = asyncio.get_running_loop()
        looking = loop.run_in_executor(self._thread, self._located, told, frames)
        looking.add_done_callback(lambda done: self._looked_up(told, done))

    def _located(self, told: _Open, frames: Sequence[CoreFrame]) -> Failure:
        """On another thread: what is told of a stack."""
        symbols = told.subject.symbols
        places = symbols.places(frames)
        found = (Frame(p.function or "", *p[1:]) for of_frame in places for p in of_frame)
        shown = tuple(self.sources.frame(_printable(frame)) for frame in found)
        return self._failure(told, shown, lines_known=symbols.has_lines)

    def _looked_up(self, told: _Open, done: asyncio.Future[Failure]) -> None:
        failed = done.cancelled() or done.exception() is not None
        if told in self._looking:
            self._looking.remove(told)
            self._finish(told, self._plain(told) if failed else done.result())

    def _plain(self, told: _Open) -> Failure:
        return self._failure(told, plain_frames(told.core_frames))

    def _failure(
        self, told: _Open, frames: tuple[Frame, ...], *, lines_known: bool = True
    ) -> Failure:
        error = told.error
        traceback = next(filter(None, map(self.traceback_of, told.exchanges)), None)
        reason, dependency = self._shown(reason_of(error)), dependency_of(error)
        trap = Trap(reason, frames, told.subject.export, traceback, dependency)
        return Failure(told.subject.id, error, trap, tuple(told.exchanges), lines_known)

    def traceback_of(self, exchange: Exchange) -> Traceback | None:
        """The last failure that a guest printed during an exchange."""
        written = b"".join(w.data for w in exchange.writes if w.stream == "stderr")
        found = find_traceback(written.decode("utf-8", "replace")) if written else None
        if found is None:
            return None
        frames = tuple(self.sources.frame(_printable(frame)) for frame in found.frames)
        return found._replace(message=self._shown(found.message), frames=frames)

    def _shown(self, text: str) -> str:
        for secret in self._secrets():
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, REDACTED)
        return printable(text, keep="\n")

    def _finish(self, told: _Open, failure: Failure) -> None:
        for exchange in told.exchanges:
            exchange.trap = failure.trap
            if self._bus.heard:
                self._bus.publish(EventKind.EXCHANGE_FINISHED, exchange)
        self._tell(failure)

    def close(self) -> None:
        """Look nothing up any more; what was not told yet is told without lines."""
        left = [*self._looking, *self._open.values()]
        self._looking.clear()
        self._open.clear()
        for told in left:
            self._finish(told, self._plain(told))
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)


def reason_of(error: BaseException) -> str:
    """Why, in words."""
    return printable(str(error) or type(error).__name__, keep="\n")


def dependency_of(error: BaseException) -> str | None:
    """The dependency or middleware that failed, if it was one."""
    inst = error.inst if isinstance(error, GuestTrap) else None
    dependency: str | None = getattr(inst and inst.state, "dependency", None)
    return dependency


def plain_frames(frames: Sequence[CoreFrame]) -> tuple[Frame, ...]:
    """Frames by their names alone."""
    return tuple(_printable(Frame(f.function or f"function {f.index}")) for f in frames)


def _printable(frame: Frame) -> Frame:
    file = None if frame.file is None else printable(frame.file)
    return frame._replace(function=printable(frame.function), file=file)

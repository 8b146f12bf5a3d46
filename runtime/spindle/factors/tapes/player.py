"""Telling a guest again what a recording says it was told.

An answer is found by interface, function and arguments; what was asked several times is answered
in the order of then. Nothing is asked in earnest but for secrets. Time is the recording's: where
it has run out it goes on by itself, a wait ends at once, and randomness is made of what there was.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
from collections import deque
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from typing import Any, NamedTuple

from spindle.component.host import Later
from spindle.exchange import bytes_of, plain_json
from spindle.factors.answering import seen
from spindle.factors.http_error import HttpError
from spindle.factors.recording import note
from spindle.factors.state import Clock, Entropy, SendHttp, Timeouts
from spindle.factors.tapes.recorder import asked_http
from spindle.factors.tapes.told import failure, short_name, shown_args
from spindle.factors.tapes.values import read
from spindle.messages import Body, Request, Response

STEP = 1000
"""Nanoseconds between two times that no recording has."""
_SOON = 0.001
"""Seconds after which a wait ends: whatever is there at once comes before."""
_NO_ANSWER = "the recording has no answer to this"


class Surprise(NamedTuple):
    """Where a guest and its recording are not at one."""

    interface: str
    func: str
    args: object
    unasked: bool = False
    """Whether the recording has an answer that was not asked for; else there is none."""


class Player:
    """One recording that is told to one instance."""

    def __init__(self, recorded: Mapping[str, Any]) -> None:
        """`recorded` is what `Recorder.to_json` gave; raises `ValueError` if it is not sound."""
        try:
            self._answers: dict[str, deque[Mapping[str, Any]]] = {}
            for answer in recorded["answers"]:
                key = _key(answer["interface"], answer["func"], answer["args"])
                self._answers.setdefault(key, deque()).append(answer)
            self._environment = {
                dependency: tuple((name, value) for name, value in pairs)
                for dependency, pairs in recorded["environment"]
            }
            self._clock = _ToldClock(recorded["monotonic"], recorded["wall"])
            self._entropy = _ToldEntropy(base64.b64decode(recorded["random"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no recording: {error!r}") from None
        self.surprises: list[Surprise] = []
        """What was asked and has no answer."""

    recording = None

    @classmethod
    def of_nothing(cls) -> Player:
        """Tells nothing: for what is not asked for."""
        empty: Mapping[str, Any] = {"answers": [], "environment": [], "monotonic": [], "wall": []}
        return cls({**empty, "random": ""})

    @property
    def unasked(self) -> list[Surprise]:
        """What the recording has an answer for that nobody asked for."""
        left = [answer for queue in self._answers.values() for answer in queue]
        return [Surprise(it["interface"], it["func"], it["args"], unasked=True) for it in left]

    @property
    def exhausted(self) -> tuple[str, ...]:
        """Of `clock` and `random`, those which the recording had too little of."""
        clock = ("clock",) if self._clock.exhausted else ()
        return (*clock, "random") if self._entropy.exhausted else clock

    def clock(self, real: Clock) -> Clock:
        """The recorded times."""
        del real
        return self._clock

    def entropy(self, real: Entropy) -> Entropy:
        """The recorded bytes."""
        del real
        return self._entropy

    def environment(
        self, dependency: str | None, real: tuple[tuple[str, str], ...]
    ) -> tuple[tuple[str, str], ...]:
        """The environment of then."""
        return self._environment.get(dependency, real)

    def send_http(self, real: SendHttp) -> SendHttp:
        """Responses of then; the network is not touched."""
        del real

        async def send(request: Request, timeouts: Timeouts) -> Response:
            del timeouts
            _drain(request.body)
            answer = self._next("http", "send", asked_http(request))
            if answer is None or answer.get("left_out"):
                raise HttpError("internal-error", _NO_ANSWER, reason=_NO_ANSWER)
            if "http" not in answer:
                await _never()
            return _response(answer["http"])

        return send

    def ask(
        self, task: Any, interface: str, func: str, args: tuple[Any, ...], real: Callable[[], Any]
    ) -> Any:
        """The answer of then; where there is none, an error."""
        shown = shown_args(interface, func, args)
        answer = self._next(interface, func, shown)
        if answer is None or answer.get("left_out"):
            result = _nothing(interface, func)
        elif answer.get("asks"):
            return real()  # notes itself
        elif "answer" not in answer:
            return Later(_never())
        else:
            result = read(answer["answer"])
        if task.scope is not None:
            note(task, interface, short_name(func), shown, plain_json(seen(result)), _now())
        return result

    def _next(self, interface: str, func: str, args: Any) -> Mapping[str, Any] | None:
        queue = self._answers.get(_key(interface, func, args))
        answer = queue.popleft() if queue else None
        if answer is None or answer.get("left_out"):
            self.surprises.append(Surprise(interface, func, args))
        return answer


class _Wait(NamedTuple):
    """A guest's waiting for an instant."""

    when: int
    number: int
    callbacks: list[Callable[[], None]]
    """One, or none if it has been given up."""


_numbers = itertools.count()


class _ToldClock(Clock):
    """Times that are on a tape."""

    def __init__(self, monotonic: list[int], wall: list[int]) -> None:
        self._monotonic = deque(monotonic)
        self._wall = deque(wall)
        self._now = monotonic[0] if monotonic else 0
        self._wall_now = wall[0] if wall else 0
        self._waits: list[_Wait] = []
        """A heap."""
        self._timer: asyncio.TimerHandle | None = None
        self.exhausted = False

    def instant(self) -> int:
        return self._now

    def monotonic(self) -> int:
        if self._monotonic:
            self._now = max(self._now, self._monotonic.popleft())
        else:
            self.exhausted = True
            self._now += STEP
        return self._now

    def wall(self) -> int:
        if self._wall:
            self._wall_now = self._wall.popleft()
        else:
            self.exhausted = True
            self._wall_now += STEP
        return self._wall_now

    def call_at(self, when: int, callback: Callable[[], None]) -> Callable[[], None]:
        wait = _Wait(when, next(_numbers), [callback])
        heappush(self._waits, wait)
        self._go_on()
        return wait.callbacks.clear

    def _go_on(self) -> None:
        """Have the wait end soon that ends first, while nothing else goes on."""
        if self._timer is None and self._waits:
            self._timer = asyncio.get_running_loop().call_later(_SOON, self._end_one)

    def _end_one(self) -> None:
        self._timer = None
        wait = heappop(self._waits)
        while not wait.callbacks and self._waits:
            wait = heappop(self._waits)
        for callback in wait.callbacks:
            self._now = max(self._now, wait.when)
            callback()
        self._go_on()


class _ToldEntropy(Entropy):
    """Bytes that are on a tape."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._made = 0
        self.exhausted = False

    def read(self, size: int) -> bytes:
        data = self._data[self._at : self._at + size]
        self._at += size
        if len(data) < size:
            self.exhausted = True
            data += self._more(size - len(data))
        return data

    def _more(self, size: int) -> bytes:
        """Bytes made of those there were."""
        seed = hashlib.sha256(self._data + self._made.to_bytes(8, "big")).digest()
        self._made += 1
        return hashlib.shake_256(seed).digest(size)


def _nothing(interface: str, func: str) -> Any:
    """What is answered where the recording has nothing."""
    return None if func.endswith("close") else failure(interface, func, _NO_ANSWER)


def _key(interface: str, func: str, args: Any) -> str:
    return json.dumps([interface, func, args], sort_keys=True)


def _response(said: Mapping[str, Any]) -> Response:
    """A recorded response; raises `HttpError` where that was the answer."""
    if "status" not in said:
        case, payload = said["error"]
        raise HttpError(case, read(payload), reason=said.get("reason"))
    data, size = bytes_of(said["body"]), said["body"]["size"]
    trailers = _headers(said["trailers"]) if "trailers" in said else None
    body = Body.of(data, trailers)
    error = said.get("error")
    if error is not None or len(data) < size:
        body = Body()
        body.feed(data)
        case, payload = error or ("internal-error", "the recording has no more of this body")
        body.fail(HttpError(case, read(payload)))
    return Response(said["status"], _headers(said["headers"]), body)


def _headers(pairs: list[list[str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def _drain(body: Body) -> None:
    """Take all of a body, for nobody."""

    def take() -> None:
        try:
            while body.read_nowait():
                pass
        except Exception:  # the guest gave it up
            body.on_readable = None

    body.on_readable = take
    take()


async def _never() -> Any:
    """Wait for what did not come then either."""
    await asyncio.get_running_loop().create_future()


def _now() -> int:
    import time

    return time.perf_counter_ns()

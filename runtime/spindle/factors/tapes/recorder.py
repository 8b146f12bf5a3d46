"""Recording what the host tells one instance.

    {environment: [[dependency, [[name, value]]]], monotonic: [ns], wall: [ns], random: base64,
     answers: [{interface, func, args, answer | http | asks: true}]}

An answer that never came has neither. What is too large is left out and counted in `left_out`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from spindle.component.host import Later
from spindle.exchange import Body as Copy
from spindle.exchange import Json
from spindle.factors.http_error import HttpError, code_of
from spindle.factors.state import Clock, Entropy, SendHttp, Timeouts
from spindle.factors.tapes.told import is_secret, shown_args
from spindle.factors.tapes.values import keep_streams, written
from spindle.messages import Request, Response

MOST_BYTES = 8 << 20
"""Bytes of answers kept of one instance, and of random bytes."""
MOST_ANSWERS = 10_000
"""Answers kept of one instance, and times of each clock."""


class Answer:
    """One answer, once there is one."""

    __slots__ = ("args", "content", "func", "interface")

    def __init__(self, interface: str, func: str, args: Any) -> None:
        self.interface = interface
        self.func = func
        self.args = args
        self.content: Callable[[], Json] | None = None

    def to_json(self) -> Json:
        """The answer as it is by now."""
        asked: Json = {"interface": self.interface, "func": self.func, "args": self.args}
        return asked if self.content is None else asked | self.content()


class Recorder:
    """What one instance is told."""

    def __init__(self) -> None:
        self._environment: list[Any] = []
        self._monotonic: list[int] = []
        self._wall: list[int] = []
        self._random = bytearray()
        self._answers: list[Answer] = []
        self._left_out = 0
        self._room = MOST_BYTES

    @property
    def recording(self) -> Recorder:
        """An exchange keeps all of it."""
        return self

    def to_json(self) -> Json:
        """What was recorded; bodies and streams may still grow."""
        return {
            "environment": self._environment,
            "monotonic": self._monotonic,
            "wall": self._wall,
            "random": base64.b64encode(self._random).decode("ascii"),
            "answers": [answer.to_json() for answer in self._answers],
            "left_out": self._left_out,
        }

    @property
    def truncated(self) -> bool:
        """Whether something was left out."""
        return self._left_out > 0

    def clock(self, real: Clock) -> Clock:
        """The clocks, whose times are recorded."""
        return _RecordedClock(real, self)

    def entropy(self, real: Entropy) -> Entropy:
        """Random bytes, which are recorded."""
        return _RecordedEntropy(real, self)

    def environment(
        self, dependency: str | None, real: tuple[tuple[str, str], ...]
    ) -> tuple[tuple[str, str], ...]:
        """The environment as it is."""
        self._environment.append([dependency, [list(pair) for pair in real]])
        return real

    def send_http(self, real: SendHttp) -> SendHttp:
        """The way out, whose responses are recorded."""

        async def send(request: Request, timeouts: Timeouts) -> Response:
            answer = self._begun("http", "send", asked_http(request))
            try:
                response = await real(request, timeouts)
            except HttpError as error:
                case, payload = error.code
                failed = {"error": [case, written(payload)], "reason": error.reason}
                self._tell(answer, {"http": failed})
                raise
            self._watch(answer, response)
            return response

        return send

    def ask(
        self, task: Any, interface: str, func: str, args: tuple[Any, ...], real: Callable[[], Any]
    ) -> Any:
        """Ask a host function, and record its answer."""
        answer = self._begun(interface, func, shown_args(interface, func, args))

        def told(result: Any) -> Any:
            if is_secret(interface, task, args, result):
                self._tell(answer, {"asks": True})
            elif keep_streams(result):
                answer.content = lambda: {"answer": written(result)}
            else:
                self._tell(answer, {"answer": written(result)})
            return result

        result = real()
        return Later(_then(result.awaitable, told)) if type(result) is Later else told(result)

    def note_time(self, times: list[int], now: int) -> int:
        """Note what a clock said."""
        if len(times) < MOST_ANSWERS:
            times.append(now)
        else:
            self._left_out += 1
        return now

    def note_random(self, data: bytes) -> bytes:
        """Note random bytes."""
        if len(self._random) + len(data) <= MOST_BYTES:
            self._random += data
        else:
            self._left_out += 1
        return data

    def note_monotonic(self, now: int) -> int:
        """Note what the monotonic clock said."""
        return self.note_time(self._monotonic, now)

    def note_wall(self, now: int) -> int:
        """Note what the wall clock said."""
        return self.note_time(self._wall, now)

    def _begun(self, interface: str, func: str, args: Any) -> Answer:
        answer = Answer(interface, func, args)
        if len(self._answers) < MOST_ANSWERS:
            self._answers.append(answer)
        else:
            self._left_out += 1
        return answer

    def _tell(self, answer: Answer, content: Json) -> None:
        """Note an answer, if there is room for it."""
        size = len(json.dumps(content))
        if size > self._room:
            self._left_out += 1
            content = {"left_out": True}
        else:
            self._room -= size
        answer.content = lambda: content

    def _watch(self, answer: Answer, response: Response) -> None:
        """Note a response as it goes by."""
        copy = Copy(self._room)
        response.body.watch(_Copying(self, copy))
        headers = [[name.decode("latin-1"), v.decode("latin-1")] for name, v in response.headers]

        def content() -> Json:
            body = response.body
            said: Json = {"status": response.status, "headers": headers, "body": copy.to_json()}
            if body.trailers:
                said["trailers"] = [
                    [name.decode("latin-1"), value.decode("latin-1")]
                    for name, value in body.trailers
                ]
            if body.error is not None:
                case, payload = code_of(body.error)
                said["error"] = [case, written(payload)]
            return {"http": said}

        answer.content = content

    def take_room(self, size: int) -> None:
        """Bytes of a body went by."""
        if size > self._room:
            self._left_out += 1
        self._room = max(0, self._room - size)


class _RecordedClock(Clock):
    def __init__(self, real: Clock, recorder: Recorder) -> None:
        self._real = real
        self._recorder = recorder

    def instant(self) -> int:
        return self._real.instant()

    def monotonic(self) -> int:
        return self._recorder.note_monotonic(self._real.monotonic())

    def wall(self) -> int:
        return self._recorder.note_wall(self._real.wall())

    def call_at(self, when: int, callback: Callable[[], None]) -> Callable[[], None]:
        return self._real.call_at(when, callback)


class _RecordedEntropy(Entropy):
    def __init__(self, real: Entropy, recorder: Recorder) -> None:
        self._real = real
        self._recorder = recorder

    def read(self, size: int) -> bytes:
        return self._recorder.note_random(self._real.read(size))


class _Copying:
    """Copies a body that goes by."""

    def __init__(self, recorder: Recorder, copy: Copy) -> None:
        self._recorder = recorder
        self._copy = copy

    def chunk(self, data: bytes) -> None:
        self._copy.add(data)
        self._recorder.take_room(len(data))

    def end(self) -> None:
        """The copy is complete."""


def asked_http(request: Request) -> list[str]:
    """What a request is known again by: method and URL, without a password."""
    authority = (request.authority or "").rpartition("@")[2]
    return [request.method, f"{request.scheme}://{authority}{request.path_with_query}"]


async def _then(awaitable: Awaitable[Any], told: Callable[[Any], Any]) -> Any:
    return told(await awaitable)

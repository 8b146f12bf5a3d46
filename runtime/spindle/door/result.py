"""What came of one invocation, for people at a Python prompt and for tests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from spindle.client.answers import Difference, Fired
from spindle.exchange import VERSION, Body, bytes_of
from spindle.text import printable, readable_size

Json = dict[str, Any]

SHOWN = 60
"""Characters of a body in a representation."""


class Headers(Mapping[str, str]):
    """Header fields by name, in any case; of a name that occurs twice, its values joined."""

    def __init__(self, fields: list[list[str]]) -> None:
        self.fields = [(name, value) for name, value in fields]
        """The fields as they came."""

    def all(self, name: str) -> list[str]:
        """The values of every field of that name."""
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def __getitem__(self, name: str) -> str:
        if values := self.all(name):
            return ", ".join(values)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name, _ in self.fields))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"


class ExchangeResult:
    """One exchange: what went in, what came out, and what the guest did between.

    `document` is the exchange as version 1 of the format has it. What a host answered by itself (no
    route, a redirect) has no record: its `id` and `component` are None.
    """

    def __init__(self, document: Json, response: Json | None = None) -> None:
        self.document = document
        self._response = response
        """The response as it was read whole, where this process asked for it."""

    @property
    def id(self) -> str | None:
        """By which the exchange is found again."""
        return self.document.get("id")

    @property
    def component(self) -> str | None:
        """The component that answered."""
        return self.document.get("component")

    @property
    def build(self) -> str | None:
        """The id of the build that answered."""
        return self.document.get("build")

    @property
    def status(self) -> int | None:
        """The response's status; None if there was none, or it was no request."""
        status = self._output.get("status")
        return status if isinstance(status, int) else None

    @property
    def ok(self) -> bool:
        """Whether nothing failed: no trap, and no status of 400 or more."""
        return self.trap is None and (self.status or 0) < 400

    @property
    def headers(self) -> Headers:
        """The response's header fields."""
        return Headers(self._output.get("headers") or [])

    @property
    def body(self) -> bytes:
        """The response's body, as much of it as was kept (`truncated`)."""
        body = self._output.get("body")
        return bytes_of(body) if body else b""

    @property
    def truncated(self) -> bool:
        """Whether `body` is not all of it."""
        body = self._output.get("body") or {}
        return bool(body.get("kept", 0) < body.get("size", 0))

    @property
    def text(self) -> str:
        """The body as UTF-8; what isn't shows as U+FFFD."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body read as JSON; raises `ValueError`."""
        return json.loads(self.body)

    @property
    def trace(self) -> list[Json]:
        """What the guest called, one after the other, where a trace was asked for."""
        return self.document.get("trace") or []

    @property
    def logs(self) -> list[str]:
        """The lines the guest wrote to stdout and stderr."""
        return [line["text"] for line in self.document.get("logs") or []]

    @property
    def calls(self) -> list[Json]:
        """What the guest asked of its host: `{interface, func, at, took, args, result}` each."""
        return list(self.document.get("calls") or [])

    @property
    def trap(self) -> Json | None:
        """Why the guest was stopped: `{reason, frames, export, traceback}`."""
        return self.document.get("trap")

    @property
    def took(self) -> float | None:
        """Seconds from beginning to end."""
        total = (self.document.get("phases_us") or {}).get("total")
        return None if total is None else total / 1e6

    @property
    def _output(self) -> Json:
        output = self._response or self.document.get("output")
        return output if isinstance(output, dict) else {}

    def __repr__(self) -> str:
        return f"<{' '.join(_parts(self))}>"


class Replay(NamedTuple):
    """A repeated exchange, and where it differs from the one it repeats."""

    exchange: ExchangeResult
    differences: tuple[Difference, ...]
    """None of them if it came out the same."""

    @property
    def same(self) -> bool:
        """Whether it came out as before."""
        return not self.differences


def answered(
    fired: Fired, method: str, path: str, headers: Sequence[tuple[str, str]], body: str | bytes
) -> ExchangeResult:
    """What came of a request: its exchange, or what is known of one that the host answered."""
    response = fired.response
    if method == "HEAD" and response is not None:
        response = {**response, "body": Body().to_json()}  # what a guest says is not sent
    if fired.exchanges:
        return ExchangeResult(fired.exchanges[0], response)
    asked = {
        "method": method,
        "scheme": "http",
        "authority": None,
        "path_with_query": path,
        "headers": [list(field) for field in headers],
        "body": Body.of(body if isinstance(body, bytes) else body.encode()).to_json(),
    }
    document: Json = {
        "v": VERSION,
        "id": None,
        "component": None,
        "trigger": {"type": "http", "target": path},
        "input": asked,
        "output": response,
        "calls": [],
        "logs": [],
        "trap": None,
    }
    return ExchangeResult(document, response)


def _parts(result: ExchangeResult) -> Iterator[str]:
    asked = result.document.get("input")
    if isinstance(asked, dict) and "path_with_query" in asked:
        yield printable(f"{asked.get('method')} {asked.get('path_with_query')}")
    else:
        trigger = result.document.get("trigger") or {}
        yield printable(f"{trigger.get('type')} {trigger.get('target')}")
    if result.status is not None:
        yield f"→ {result.status}"
    if result.took is not None:
        yield f"in {result.took * 1000:.1f} ms"
    if result.component is not None:
        yield printable(f"by {result.component}")
    if result.trap is not None:
        yield printable(f"trapped: {result.trap.get('reason')}")
    elif result.body:
        yield f"{readable_size(len(result.body))}: {_shown(result.text)}"


def _shown(text: str) -> str:
    cut = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return repr(cut)

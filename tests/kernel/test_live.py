"""What takes its time is shown as it comes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from spindle_kernel import live
from spindle_kernel.live import Live


class Opened:
    """An application whose guest answers a byte more each time it is looked at."""

    def __init__(self) -> None:
        self.size = 0

    def underway(self) -> list[dict[str, Any]]:
        self.size += 1
        data = "<" * self.size
        body = {"size": self.size, "kept": self.size, "encoding": "utf-8", "data": data}
        asked = {"method": "GET", "path_with_query": "/<i>", "headers": []}
        output = {"status": 200, "headers": [], "body": body}
        return [
            {"id": "waits", "input": asked, "output": None},
            {"id": "stalls", "input": asked, "output": {**output, "body": {**body, "size": 1}}},
            {"id": "a", "input": asked, "output": output},
        ]


class Opening:
    """A session, as far as it is asked."""

    def __init__(self, opened: Any) -> None:
        self.opened = opened


def test_what_comes_is_shown_until_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PATIENCE", 0.01)
    monkeypatch.setattr(live, "LOOKS", 1 << 30)
    shown: list[tuple[dict[str, str], str, bool]] = []
    several = threading.Event()

    def show(bundle: dict[str, str], name: str, again: bool) -> None:
        shown.append((bundle, name, again))
        if len(shown) > 3:
            several.set()

    looking = Live(Opening(Opened()), show)
    looking.begin()
    assert several.wait(60)
    watching = looking._watching
    assert watching is not None
    looking.end()
    watching.join()
    assert {name for _, name, _ in shown} == {"a"}  # the other one is patient
    assert [again for _, _, again in shown] == [False, *[True] * (len(shown) - 1)]
    first, last = shown[0][0], shown[-1][0]
    assert first["text/plain"].endswith("…\n<<")
    assert "&lt;" in first["text/html"]
    assert "<i>" not in first["text/html"]
    assert last["text/plain"] == "GET /<i> was shown as it came"


def test_a_response_that_waits_is_shown_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PATIENCE", 0.01)
    names: set[str] = set()
    both = threading.Event()

    def show(_bundle: dict[str, str], name: str, _again: bool) -> None:
        names.add(name)
        if names == {"a", "stalls"}:
            both.set()

    looking = Live(Opening(Opened()), show)
    looking.begin()
    assert both.wait(60)
    looking.end()


def test_nothing_is_looked_at_where_nothing_is_open() -> None:
    looking = Live(Opening(None), lambda *_: None)
    looking.begin()
    assert looking._watching is None
    looking.end()

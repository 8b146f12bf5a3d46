from collections.abc import Callable
from pathlib import Path
from typing import Any

Guest = Callable[[str], Path]
Up = Callable[..., Any]


def test_a_library_and_middleware_in_other_languages(guest: Guest, up: Up) -> None:
    host = up(guest("examples/dependencies"))
    answer = host.get("/?text=the+quick+brown+fox")
    assert (answer.status, answer.text) == (200, "4 words, the longest is 'quick'\n")
    assert answer.headers["server-timing"].startswith("app;dur=")

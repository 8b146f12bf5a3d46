"""The forms a problem is shown in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spindle.diagnostics import (
    Diagnostic,
    Edit,
    Fix,
    Related,
    Severity,
    has_errors,
    in_order,
    render,
    to_json,
)
from spindle.text import Position, Span

PATH = Path("/app/spin.toml")
TEXT = 'first\n\tkey = "ä𝄞x" # end\n'
SPAN = Span(Position(1, 7), Position(1, 13))
PROBLEM = Diagnostic(
    "some-code",
    Severity.ERROR,
    "something is wrong",
    PATH,
    SPAN,
    (Related("here too", PATH, Span(Position(0, 0), Position(0, 5))),),
    "do this\nor that",
    Fix("Do it", (Edit(PATH, SPAN, "new"),)),
)


def test_plain_text() -> None:
    shown = render(PROBLEM, source=lambda _: TEXT, relative_to=Path("/app"))
    assert shown.splitlines() == [
        "error[some-code]: something is wrong",
        "  --> spin.toml:2:8",
        "  |",
        '2 |     key = "ä𝄞x" # end',
        "  |           ^^^^^",
        "  note: here too",
        "  --> spin.toml:1:1",
        "  |",
        "1 | first",
        "  | ^^^^^",
        "  help: do this",
        "        or that",
    ]


def test_colours_change_nothing_else() -> None:
    import re

    coloured = render(PROBLEM, source=lambda _: TEXT, color=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(PROBLEM, source=lambda _: TEXT)


@pytest.mark.parametrize("source", [None, "", "one line"])
def test_a_text_that_is_gone_leaves_the_place(source: str | None) -> None:
    assert "  --> /app/spin.toml:2:8\n" in render(PROBLEM, source=lambda _: source)


def test_json() -> None:
    place = {"start": {"line": 1, "character": 7}, "end": {"line": 1, "character": 13}}
    assert json.loads(json.dumps(to_json(PROBLEM))) == {
        "code": "some-code",
        "severity": "error",
        "message": "something is wrong",
        "path": "/app/spin.toml",
        "range": place,
        "related": [
            {
                "message": "here too",
                "path": "/app/spin.toml",
                "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 5}},
            }
        ],
        "help": "do this\nor that",
        "fix": {
            "title": "Do it",
            "safe": True,
            "edits": [{"path": "/app/spin.toml", "range": place, "newText": "new"}],
        },
    }


def test_a_whole_file_s_problem_is_at_its_beginning() -> None:
    whole = Diagnostic("c", Severity.WARNING, "m", PATH)
    zero = {"line": 0, "character": 0}
    assert to_json(whole)["range"] == {"start": zero, "end": zero}
    assert render(whole) == "warning[c]: m\n  --> /app/spin.toml"


def test_order_is_by_place_and_repetitions_go() -> None:
    early = Diagnostic("b", Severity.HINT, "m", PATH, Span(Position(0, 0), Position(0, 1)))
    whole = Diagnostic("z", Severity.INFO, "m", PATH)
    assert in_order([PROBLEM, early, PROBLEM, whole]) == (whole, early, PROBLEM)


def test_errors_are_what_counts() -> None:
    assert has_errors([PROBLEM])
    assert not has_errors([Diagnostic("c", Severity.WARNING, "m")])

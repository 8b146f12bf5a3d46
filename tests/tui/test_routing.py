from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.client import Matched, RouteTry
from spindle_tui.model.composing import Composed, NotARequest, composed
from spindle_tui.model.lines import text_of
from spindle_tui.model.routing import Asked, asked, match_lines


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", None),
        ("  ", None),
        ("/a?b=c d", Asked("GET", "/a?b=c d")),
        ("users", Asked("GET", "/users")),
        ("post  /a", Asked("POST", "/a")),
        ("DELETE", Asked("DELETE", "/")),
        ("http://other/x", Asked("GET", "http://other/x")),
        ("getter", Asked("GET", "/getter")),
    ],
)
def test_what_a_person_types_is_a_request(text: str, wanted: Asked | None) -> None:
    assert asked(text) == wanted


def test_nothing_of_an_answer_reaches_the_terminal_raw() -> None:
    bad = "\x1b[2J"
    tried = (RouteTry("a", bad, False, bad), RouteTry("b", bad, True, bad))
    matched = Matched("b", bad, bad, bad, {bad: bad}, bad, ((bad, bad),), tried)
    for answer in (matched, Matched(None, None, None, bad, {}, "", (), tried)):
        assert "\x1b" not in text_of(match_lines(answer))


def test_a_request_is_composed() -> None:
    request = composed("put /x", "Accept: a:b\n\n  X-Y :\n", "body")
    assert request == Composed("PUT", "/x", (("Accept", "a:b"), ("X-Y", "")), "body")


@pytest.mark.parametrize(
    ("first", "headers", "why"),
    [
        ("", "", "first line"),
        ("http://a/b", "", "first line"),
        ("/", "a: b\nc", "line 2"),
        ("/", ": b", "line 1"),
    ],
)
def test_what_is_no_request_is_said(first: str, headers: str, why: str) -> None:
    with pytest.raises(NotARequest, match=why):
        composed(first, headers, "")


@given(st.text(), st.text(), st.text())
def test_any_text_is_a_request_or_told_why_not(first: str, headers: str, body: str) -> None:
    with suppress(NotARequest):
        assert composed(first, headers, body).path.startswith("/")

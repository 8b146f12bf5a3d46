"""Python functions in place of what guests import."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from spindle.component.values import Err, Ok
from spindle.door import EmbeddedApp, MockError
from spindle.typed import trace

RANDOM = "wasi:random/random"
KEY_VALUE = "spin:key-value/key-value"


def test_a_function_answers_for_a_block(app: EmbeddedApp) -> None:
    with app.mock(RANDOM, get_random_u64=lambda: 7, get_random_bytes=bytes) as random:
        exchange = app.get("/chance")
    assert exchange.text == "0"
    assert random.called("get_random_bytes")
    assert {call.component for call in random.calls} == {"guest"}
    assert app.get("/chance").text != "0"


def test_what_is_no_function_is_the_answer(app: EmbeddedApp) -> None:
    with app.mock("spin:variables/variables", get=Ok("mocked")) as variables:
        assert app.get("/variable?name=greeting").text == "mocked"
    variables.assert_called_with("get", "greeting")
    variables.assert_called("get", times=1)
    variables.assert_not_called("nothing")


def test_errors_of_interfaces_are_values(app: EmbeddedApp) -> None:
    with app.mock("spin:variables/variables", get=Err(("undefined", "not today"))):
        exchange = app.get("/variable?name=greeting")
    assert exchange.status == 502
    assert "not today" in exchange.text


def test_a_coroutine_answers_where_guests_can_wait(app: EmbeddedApp) -> None:
    async def later(name: str) -> Any:
        await asyncio.sleep(0)
        return Ok(name.upper())

    with app.mock("spin:variables/variables", get=later):
        assert app.get("/variable?name=greeting").text == "GREETING"
    with pytest.raises(MockError, match="answers at once"):
        app.mock(RANDOM, get_random_u64=later)


def test_the_exchange_has_the_calls(app: EmbeddedApp) -> None:
    with app.mock("spin:variables/variables", get=Ok("mocked")):
        [call] = app.get("/variable?name=greeting").calls
    assert call["interface"].startswith("spin:variables/variables")
    assert call["func"] == "get"
    assert call["args"] == ["greeting"]


def test_a_replay_is_told_by_mocks_too(app: EmbeddedApp) -> None:
    before = app.get("/variable?name=greeting")
    for state in ("fork", "live"):
        with app.mock("spin:variables/variables", get=Ok("mocked")) as variables:
            replay = app.replay(before, state=state)
        assert replay.exchange.text == "mocked"
        variables.assert_called("get", times=1)
    assert app.get("/variable?name=greeting").text == before.text
    assert app.replay(before).exchange.text == before.text


def test_mocks_may_lie_in_one_another(app: EmbeddedApp) -> None:
    with app.mock("spin:variables/variables", get=Ok("outer")):
        with app.mock("spin:variables/variables", get=Ok("inner")) as inner:
            assert app.get("/variable?name=greeting").text == "inner"
        assert app.get("/variable?name=greeting").text == "outer"
    assert len(inner.calls) == 1
    assert app.get("/variable?name=greeting").text == "Salut"


def test_what_a_mock_raises_is_raised_at_the_end(app: EmbeddedApp) -> None:
    def broken(_name: str) -> Any:
        raise LookupError("no such thing")

    with (
        pytest.raises(MockError, match="LookupError: no such thing") as caught,
        app.mock("spin:variables/variables", get=broken),
    ):
        exchange = app.get("/variable?name=greeting")
    assert isinstance(caught.value.__cause__, LookupError)
    assert exchange.trap is not None
    assert app.get("/variable?name=greeting").text == "Salut"


def test_a_wrong_answer_is_told_of(app: EmbeddedApp) -> None:
    with (
        pytest.raises(MockError, match=r"`get` answers: expected Ok or Err, got int 5"),
        app.mock("spin:variables/variables", get=5),
    ):
        exchange = app.get("/variable?name=greeting")
    assert exchange.trap is not None


@pytest.mark.parametrize(
    ("interface", "function", "message", "hint"),
    [
        ("wasi:random/randm", "x", "no interface `wasi:random/randm`", "`wasi:random/random`"),
        (RANDOM, "get_random_u63", "no function `get_random_u63`", "`get_random_u64`"),
        ("wasi:random/random@9.9.9", "x", "no interface", "did you mean"),
    ],
)
def test_what_there_is_not_can_not_be_mocked(
    app: EmbeddedApp, interface: str, function: str, message: str, hint: str
) -> None:
    with pytest.raises(MockError, match=message) as caught:
        app.mock(interface, **{function: 1})
    assert hint in caught.value.hints[0]


def test_a_mock_of_nothing(app: EmbeddedApp) -> None:
    with pytest.raises(MockError, match="needs functions"):
        app.mock(RANDOM)


def test_failed_assertions_say_what_was_called(app: EmbeddedApp) -> None:
    with app.mock("spin:variables/variables", get=Ok("x")) as variables:
        app.get("/variable?name=greeting")
    with pytest.raises(AssertionError, match=r"not called with \('other',\), but with\n  \('gre"):
        variables.assert_called_with("get", "other")
    with pytest.raises(AssertionError, match="was to be called 2 times, and was called 1 time"):
        variables.assert_called(times=2)


def test_what_guests_call_is_traced_for_a_block(app: EmbeddedApp) -> None:
    with trace() as seen, app.mock("spin:variables/variables", get=Ok("mocked")):
        app.get("/variable?name=greeting")
    (call,) = [call for call in seen if call.function.startswith("spin:variables/variables@")]
    assert (call.args, call.result, call.direction) == (("greeting",), Ok("mocked"), "import")
    assert call.took is not None
    before = len(seen)
    app.get("/variable?name=greeting")
    assert len(seen) == before

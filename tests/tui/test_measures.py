import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle_tui.model.measures import (
    joined,
    number_text,
    rate_text,
    round_up,
    size_text,
    span_text,
    took_text,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (0.25, "0.25"),
        (0.3, "0.3"),
        (3.14, "3.1"),
        (9.96, "10"),
        (87, "87"),
        (999.7, "1k"),
        (1234, "1.2k"),
        (34_000_000, "34M"),
        (5e15, "5.0e+15"),
    ],
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (None, ""),
        (0, "0 µs"),
        (87.4, "87 µs"),
        (999.6, "1 ms"),
        (1250, "1.2 ms"),
        (999_600, "1 s"),
        (3_400_000, "3.4 s"),
        (720e6, "12 min"),
    ],
)
def test_durations_have_the_unit_that_fits(microseconds: float | None, text: str) -> None:
    assert took_text(microseconds) == text


def test_sizes_rates_and_spans() -> None:
    assert [size_text(size) for size in (None, 812, 1200, 34e6)] == ["", "812 B", "1.2 kB", "34 MB"]
    assert [rate_text(rate) for rate in (None, 0, 0.3, 1200)] == ["", "0", "0.3/s", "1.2k/s"]
    assert [span_text(span) for span in (-1, 45, 119, 720, 9000, 2e5)] == [
        "0 s",
        "45 s",
        "119 s",
        "12 min",
        "2 h",
        "2 d",
    ]
    assert joined(["a", "", "b"]) == "a · b"


@given(st.floats(1e-9, 1e15))
def test_an_axis_ends_above_its_highest_value_and_not_far(value: float) -> None:
    assert value * (1 - 1e-9) <= round_up(value) <= 2.5 * value * (1 + 1e-9)


@given(st.floats(0, 1e14))
def test_numbers_take_five_characters_at_most(number: float) -> None:
    assert len(number_text(number)) <= 5 or number >= 1e12

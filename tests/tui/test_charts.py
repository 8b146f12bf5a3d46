from hypothesis import given
from hypothesis import strategies as st
from tests.tui.premises import stats

from spindle_tui.model.charts import Bar, area, bars, sparkline, time_axis
from spindle_tui.model.history import History, coarse, grown, merged, quantile
from spindle_tui.model.panels import View, guests, latency, memory, processor, requests, spread
from spindle_tui.model.series import Counter, Sample, Series, filled

VALUES = st.lists(st.none() | st.floats(0, 1e9), max_size=200)


def test_a_sparkline_tells_nothing_zero_and_little_apart() -> None:
    assert sparkline([None, 0, 0.001, 5, 10], 6) == "  ▁▂▅█"


@given(VALUES, st.integers(0, 80))
def test_a_sparkline_is_as_wide_as_it_is_told(values: list[float | None], width: int) -> None:
    assert len(sparkline(values, width)) == width


@given(VALUES, st.integers(12, 120), st.integers(2, 30))
def test_an_area_fits_its_room(values: list[float | None], width: int, height: int) -> None:
    lines = area(values, width, height, lambda value: f"{value:.0f}"[:6]).lines
    assert len(lines) == height
    assert max(map(len, lines)) <= width


def test_an_area_has_labels_and_its_last_value_at_the_right() -> None:
    assert area([None, 0, 5, 10], 9, 4, lambda value: f"{value:.0f}").lines == [
        "10 ┤    █",
        "   │   ▄█",
        "   │   ██",
        " 0 └─────",
    ]


@given(st.lists(st.floats(0, 1e9), max_size=20), st.integers(1, 100))
def test_bars_fit_their_room(values: list[float], width: int) -> None:
    rows = [Bar(f"≤ {n}", value, f"{value:.0f}") for n, value in enumerate(values)]
    assert all(len(line) <= width for line in bars(rows, width))


def test_what_is_not_zero_has_a_bar() -> None:
    rows = [Bar("a", 1000), Bar("b", 1), Bar("c", 0)]
    assert bars(rows, 13) == ["a │██████████", "b │▏", "c │"]


def test_a_time_axis_says_when() -> None:
    assert time_axis(20, "60 s ago", 2) == "  60 s ago       now"
    assert time_axis(6, "60 s ago", 0) == "   now"


def test_a_count_that_began_anew_has_no_rate() -> None:
    counter = Counter()
    for at, count in ((0, 0), (1, 10), (2, 3), (3, 5), (3, 5)):
        counter.add(at, count)
    assert counter.rates.columns(3, 4, 4) == [None, 10.0, None, 2.0]


def test_columns_are_means_of_stretches_and_gaps_are_gaps() -> None:
    series = Series([Sample(0.5, 9), Sample(10.2, 1), Sample(10.7, 3), Sample(12.0, 4)])
    assert series.columns(12.5, 3, 3) == [2.0, None, 4.0]
    assert filled([None, 1.0, None, None, 2.0], 1) == [None, 1.0, 1.0, None, 2.0]


def test_quantiles_of_what_came_between_two_looks() -> None:
    before, after = merged([((1.0, 5),), ((2.0, 1),)]), merged([((1.0, 5), (2.0, 2), (9.0, 99))])
    assert grown(before, after) == {2.0: 1, 9.0: 99}
    assert quantile(grown(before, after), 0.5) == 9.0
    assert grown(after, before) == {}
    assert quantile({}, 0.5) is None


def test_a_histogram_is_told_in_bounds_people_read() -> None:
    assert coarse({130.0: 1, 900.0: 4, 1e9: 2}) == {
        250: 1,
        500: 0,
        1e3: 4,
        **dict.fromkeys((2.5e3, 5e3, 1e4, 2.5e4, 5e4, 1e5), 0),
        **dict.fromkeys((2.5e5, 5e5, 1e6, 2.5e6, 5e6, 1e7), 0),
        float("inf"): 2,
    }


@given(st.integers(1, 130), st.integers(1, 50), st.sampled_from([0, 1, 2, 90]))
def test_every_chart_fits_its_room(width: int, height: int, beats: int) -> None:
    history = History()
    for beat in range(beats):
        history.take(stats(beat))
    for draw in (requests, latency, memory, processor, spread, guests):
        for route in (None, "api", "gone"):
            drawing = draw(history, View(route=route), width, height)
            assert all(len(line.text) <= max(width, 12) for line in drawing.lines)


def test_a_component_that_is_gone_is_forgotten() -> None:
    history = History()
    history.take(stats())
    assert set(history.memory) == {"api", "front", "assets"}
    history.take(type(stats())(stats(1).at, stats(1).host, (), ()))
    assert not history.memory
    assert not history.routes

from hypothesis import given
from hypothesis import strategies as st

from spindle.dev.statistics import Histogram

DURATIONS = st.lists(st.integers(0, 10**15), min_size=1)


def histogram(durations: list[int]) -> Histogram:
    made = Histogram()
    for duration in durations:
        made.add(duration)
    return made


@given(DURATIONS, st.floats(0, 1))
def test_a_quantile_is_at_most_an_eighth_too_long(durations: list[int], share: float) -> None:
    exact = sorted(durations)[max(0, -(-int(share * len(durations) * 10**6) // 10**6) - 1)]
    found = histogram(durations).quantile(share)
    assert found is not None
    assert min(durations) <= found <= max(durations)
    within = [d for d in durations if d <= found]
    assert len(within) >= share * len(durations) - 1e-6
    assert found <= max(exact, min(durations)) * 1.125 + 1 or found in durations


@given(DURATIONS)
def test_buckets_have_everything_once_and_ascend(durations: list[int]) -> None:
    buckets = list(histogram(durations).buckets())
    bounds = [bound for bound, _ in buckets]
    assert bounds == sorted(set(bounds))
    assert sum(count for _, count in buckets) == len(durations)
    for bound, count in buckets:
        assert sum(d <= bound for d in durations) >= count


@given(DURATIONS, DURATIONS)
def test_merged_is_counted_together(some: list[int], others: list[int]) -> None:
    merged = Histogram()
    merged.merge([histogram(some), histogram(others)])
    together = histogram(some + others)
    assert list(merged.buckets()) == list(together.buckets())
    assert (merged.total, merged.longest) == (together.total, together.longest)


def test_of_nothing_there_is_no_quantile() -> None:
    assert Histogram().quantile(0.5) is None

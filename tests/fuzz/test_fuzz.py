"""A slice of the fuzzing, and whatever was once found by it."""

import pytest
from tests.fuzz.campaign import CRASHES, fuzz
from tests.fuzz.targets import TARGETS

RUNS = 60


@pytest.mark.parametrize("target", TARGETS)
def test_inputs_made_at_random_are_taken_or_refused(target: str) -> None:
    found = fuzz(target, 1, RUNS)
    assert found.problems == {}
    assert found.counts.total() == RUNS


def test_what_once_went_wrong() -> None:
    for path in sorted(CRASHES.glob("*/*")):
        assert TARGETS[path.parent.name].check(path.read_bytes())

from email.utils import formatdate

from hypothesis import given
from hypothesis import strategies as st

from spindle.trigger.http.wire import _http_date


@given(st.integers(0, 4_000_000_000))
def test_dates_are_those_of_the_standard_library(now: int) -> None:
    assert _http_date(now) == formatdate(now, usegmt=True).encode()

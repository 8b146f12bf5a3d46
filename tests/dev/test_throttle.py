"""What guests print is passed on as it is, up to its limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spindle.dev.throttle import Throttle


class Clock:
    now = 10.0

    def __call__(self) -> float:
        return self.now


PIECES = st.lists(st.binary(max_size=20) | st.sampled_from([b"\n", b"ab\ncd", b"\r\n"]))


@given(PIECES)
def test_below_the_limits_every_byte_passes(pieces: list[bytes]) -> None:
    throttle = Throttle(10_000, 10_000, Clock())
    assert b"".join(map(throttle.take, pieces)) == b"".join(pieces)


@given(PIECES, st.integers(0, 5))
def test_no_line_is_longer_than_it_may_be_however_it_comes(pieces: list[bytes], most: int) -> None:
    throttle = Throttle(most, 10_000, Clock())
    passed = b"".join(map(throttle.take, pieces))
    whole = b"".join(pieces)
    assert len(passed.split(b"\n")) == len(whole.split(b"\n"))
    for line, original in zip(passed.split(b"\n"), whole.split(b"\n"), strict=True):
        assert line[:most] == original[:most]
        over = len(original) - most
        rest = line[most:]
        assert not rest or rest.startswith(b" [%d bytes left out" % over)


def test_a_cut_line_says_so_once_it_ends() -> None:
    throttle = Throttle(4, 1000, Clock())
    assert throttle.take(b"abcdefgh") == b"abcd"
    assert throttle.take(b"ij") == b""
    note = b" [6 bytes left out: too many for a line, see --max-log-line]\n"
    assert throttle.take(b"\nnext") == note + b"next"


def test_what_is_too_much_for_a_second_is_left_out_and_told_later() -> None:
    clock = Clock()
    throttle = Throttle(1000, 10, clock)
    assert throttle.take(b"12345678") == b"12345678"
    assert throttle.take(b"90xyz") == b"90"
    assert throttle.take(b"more") == b""
    clock.now += 1
    note = b" [7 bytes left out: too many for a second, see --max-log-rate]\n"
    assert throttle.take(b"again") == note + b"again"
    assert throttle.take(b"!") == b"!"

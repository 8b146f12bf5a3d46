from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from tests.tui.documents import DOCUMENTS, document, summary

from spindle.exchange import Summary
from spindle_tui.model.ring import ORDERS, Ring

numbers = st.lists(st.integers(0, 500), max_size=80)


def exchanges(chosen: Sequence[int]) -> list[Summary]:
    return [summary(document(number, path=f"/{number % 7}")) for number in chosen]


def ids(ring: Ring) -> list[str]:
    return [row.id for row in ring.rows]


@given(numbers, numbers, st.integers(1, 60))
def test_it_holds_no_more_than_there_is_room(new: list[int], older: list[int], room: int) -> None:
    ring = Ring(room)
    ring.add(exchanges(new))
    ring.add_older(exchanges(older))
    assert len(ring) <= room
    assert ids(ring) == sorted(set(ids(ring)), reverse=True)


@given(numbers)
def test_the_newest_stay(new: list[int]) -> None:
    ring = Ring(50)
    for each in exchanges(sorted(set(new))):
        ring.add([each])
    newest = sorted({each.id for each in exchanges(new)}, reverse=True)
    assert ids(ring) == newest[: len(ring)]
    assert len(ring) >= min(len(newest), 45)


@given(numbers, st.sampled_from(sorted(ORDERS)), st.booleans())
def test_each_row_is_found_where_it_is(new: list[int], order: str, turned: bool) -> None:
    ring = Ring()
    ring.add(exchanges(new))
    ring.sort(order)
    if turned:
        ring.sort(order)
    assert [ring.index_of(id) for id in ids(ring)] == list(range(len(ring)))


def test_an_exchange_that_is_known_is_replaced() -> None:
    ring = Ring()
    (begun,) = exchanges([1])
    ring.add([begun._replace(took=None, status=None)])
    ring.add([begun])
    assert list(ring.rows) == [begun]


def test_what_is_sorted_stays_sorted_as_more_comes() -> None:
    ring = Ring()
    ring.sort("took")
    first, second, third = exchanges([1, 2, 3])
    ring.add([first._replace(took=10.0), second._replace(took=None)])
    ring.add([third._replace(took=5.0)])
    assert [row.took for row in ring.rows] == [10.0, 5.0, None]
    ring.sort("took")
    assert [row.took for row in ring.rows] == [None, 5.0, 10.0]


def test_a_pause_keeps_what_is_shown_and_what_comes() -> None:
    ring = Ring()
    ring.add(exchanges([1, 2]))
    ring.pause(True)
    shown = ids(ring)
    ring.add(exchanges([3, 4, 5]))
    assert ids(ring) == shown
    assert ring.fresh == 3
    ring.pause(False)
    assert len(ring.rows) == 5
    assert ring.fresh == 0


@given(numbers, numbers, st.sampled_from(sorted(ORDERS)))
def test_what_a_pause_keeps_can_be_sorted(old: list[int], new: list[int], order: str) -> None:
    ring = Ring()
    ring.add(exchanges(old))
    ring.pause(True)
    ring.add(exchanges(new))
    ring.sort(order)
    assert sorted(ids(ring)) == sorted({each.id for each in exchanges(old)})
    ring.pause(False)
    assert len(ring.rows) == len(ring)


@given(numbers, st.slices(20))
def test_rows_are_a_sequence(new: list[int], part: slice) -> None:
    ring = Ring()
    ring.add(exchanges(new))
    rows = list(ring.rows)
    assert ring.rows[part] == rows[part]
    assert [ring.rows[at] for at in range(-len(rows), len(rows))] == rows + rows


def test_marks_outlive_what_is_shown() -> None:
    ring = Ring()
    ring.add(map(summary, DOCUMENTS))
    ring.mark(DOCUMENTS[1]["id"])
    ring.clear()
    assert list(ring.rows) == []
    assert ring.marked == {DOCUMENTS[1]["id"]}

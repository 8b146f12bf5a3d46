from hypothesis import given
from hypothesis import strategies as st

from spindle_tui.model.loglayout import LogLayout
from spindle_tui.model.loglines import LogBook, wanted_lines

API = ("api", "0123456789", "stdout")
FRONT = ("front", None, "stderr")


def written(book: LogBook) -> list[tuple[str, str]]:
    return [(line.component, line.text) for line in book.lines]


def test_parts_become_lines() -> None:
    book = LogBook()
    book.add(1.0, API, "one ")
    book.add(1.5, FRONT, "between\n")
    book.add(2.0, API, "line\nand \x1b[31man")
    book.add(2.0, API, "other\x1b[0m")
    assert written(book) == [("api", "one line"), ("front", "between"), ("api", "and another")]
    assert [line.at for line in book.lines] == [1.0, 1.5, 2.0]


@given(st.lists(st.text(alphabet="ab\n\x1b[3m1é漢\t\r", max_size=9), max_size=9))
def test_how_text_is_cut_into_parts_does_not_matter(parts: list[str]) -> None:
    whole, cut = LogBook(), LogBook()
    whole.add(0, API, "".join(parts))
    for part in parts:
        cut.add(0, API, part)
    assert written(whole) == written(cut)


def test_nothing_reaches_the_terminal_raw() -> None:
    book = LogBook()
    book.add(0, ("\x1b[2Jx", None, "stdout"), "\x1b]0;owned\x07 \x9b2J \u202e\ud800 [red]b[/red]\n")
    [(component, text)] = written(book)
    assert component == "\\x1b[2Jx"
    assert text == "\\x1b]0;owned\\x07 \\x9b2J \\u202e\\ud800 [red]b[/red]"


def test_a_book_is_bounded() -> None:
    book = LogBook(limit=3)
    for number in range(9):
        book.add(0, ("api", str(number), "stdout"), f"never ends {number}")
    book.add(0, ("api", "0", "stdout"), "x" * 100_000)
    assert [line.text[:12] for line in book.lines] == ["never ends 7", "never ends 8", "x" * 12]
    assert max(len(line.text) for line in book.lines) < 5000


def test_filters() -> None:
    book = LogBook()
    book.add(0, API, "Price is 9\n")
    book.add(0, FRONT, "no price\n")

    def found(text: str) -> list[str]:
        return [line.text for line in filter(wanted_lines(text), book.lines)]

    assert found("") == found("price") == ["Price is 9", "no price"]
    assert found("PRICE -no") == found("component:AP") == found("exchange:345") == ["Price is 9"]
    assert found("stream:stderr") == found("front") == found("-stream:stdout") == ["no price"]
    assert found("price milk") == []


@given(
    st.lists(
        st.tuples(st.sampled_from([API, FRONT]), st.text(alphabet="ab 漢\n", max_size=30)),
        max_size=20,
    ),
    st.none() | st.integers(1, 12),
    st.sampled_from(["", "a", "component:api"]),
)
def test_a_layout_that_grows_is_what_it_would_be_anew(
    parts: list[tuple[tuple[str, str | None, str], str]], width: int | None, text: str
) -> None:
    book = LogBook(limit=5)
    grown = LogLayout(book, wanted_lines(text), width)
    for key, part in parts:
        grown.update(book.add(0, key, part))
    fresh = LogLayout(book, wanted_lines(text), width)
    assert [(row.line.number, row.text, row.first) for row in grown.rows] == [
        (row.line.number, row.text, row.first) for row in fresh.rows
    ]

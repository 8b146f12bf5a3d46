import json
import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.history.exchanges import exchange_of

from spindle.exchange import Exchange, Write, summary_of
from spindle.exchange.filters import parse_filter
from spindle.history import AmbiguousId, Bounds, Entry, Store, StoreError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".spin" / "spindle" / "exchanges.db"


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, path: Path) -> Iterator[Store]:
    store = Store.open(path if request.param == "file" else None)
    yield store
    store.close()


class Troubles(list[str]):
    """What somebody was told."""

    def tell(self, message: str, hints: tuple[str, ...]) -> None:
        self.append("; ".join((message, *hints)))


def keep(store: Store, exchanges: Sequence[Exchange]) -> None:
    store.put_many([Entry.of(exchange) for exchange in exchanges])


def ids(exchanges: Sequence[Exchange]) -> list[str]:
    return [exchange.id for exchange in exchanges]


def paths(store: Store, where: str = "") -> list[str | None]:
    return [summary.path for summary in store.list(parse_filter(where))]


def test_what_was_kept_can_be_read(store: Store) -> None:
    exchange = exchange_of("/a", log=b"said\n", trap="unreachable")
    keep(store, [exchange])
    (summary,) = store.list()
    assert (summary.id, summary.path, summary.status) == (exchange.id, "/a", 200)
    assert summary.trap == "unreachable"
    assert store.get(exchange.id) == exchange.to_json()
    assert store.get(exchange.id[:-3]) == exchange.to_json()
    assert store.get("ffff") is None
    assert store.get("") is None


def test_many_are_listed_the_last_kept_first(store: Store) -> None:
    kept = [exchange_of(f"/{number}") for number in range(130)]
    keep(store, kept[:60])
    keep(store, kept[60:])
    newest = ids(kept)[::-1]
    assert [summary.id for summary in store.list(limit=None)] == newest
    assert [summary.id for summary in store.list(limit=7)] == newest[:7]
    assert [summary.id for summary in store.list(before=newest[6], limit=7)] == newest[7:14]
    assert [summary.id for summary in store.list(after=newest[3])] == newest[:3]
    assert store.list(after="0" * 22, limit=1)[0].id == newest[0]
    assert store.count() == 130


def test_filters(store: Store) -> None:
    keep(
        store,
        [
            exchange_of("/a", status=500, component="one"),
            exchange_of("/b", component="two", body=b"needle"),
            exchange_of("/c", component="two", log=b"a line\n"),
        ],
    )
    assert paths(store, "failed") == ["/a"]
    assert paths(store, "component:two") == ["/c", "/b"]
    assert paths(store, "not component:two") == ["/a"]
    assert paths(store, "body~NEEDLE") == ["/b"]
    assert paths(store, "not body~needle component:two") == ["/c"]
    assert paths(store, "log~line or status:500") == ["/c", "/a"]
    assert paths(store, "header:cookie") == ["/c", "/b", "/a"]
    assert store.count(parse_filter("component:two")) == 2
    assert store.count(parse_filter("component:two body~needle")) == 1


def test_filters_look_into_many_documents(store: Store) -> None:
    keep(store, [exchange_of(f"/{n}", body=b"%d" % (n % 100)) for n in range(450)])
    assert paths(store, "body:7") == ["/407", "/307", "/207", "/107", "/7"]
    found = store.list(parse_filter("body:7"), before=store.list(parse_filter("/307"))[0].id)
    assert [summary.path for summary in found] == ["/207", "/107", "/7"]
    assert len(store.list(parse_filter("body~1"), limit=3)) == 3


# What ends in a letter may go on in the next write, or in another stream's after it.
WRITES = st.lists(
    st.tuples(
        st.sampled_from(["stdout", "stderr"]),
        st.text(st.sampled_from("abAB0é \n\0"), min_size=1, max_size=3),
    ),
    max_size=6,
)
TERMS = st.builds(
    '{}{}"{}"'.format,
    st.sampled_from(["body", "header", "log", "call"]),
    st.sampled_from(["~", ":", "!="]),
    st.text(st.sampled_from("abAB0é *"), max_size=4),
)


@given(
    st.lists(st.tuples(WRITES, st.text("abAB0é \0", max_size=6), st.booleans()), max_size=4),
    st.lists(TERMS, min_size=1, max_size=3),
    st.sampled_from([" ", " or ", " -", " or not "]),
)
@example([([("stdout", "a"), ("stderr", "B\n"), ("stdout", "B")], "", False)], ["log:ab"], " ")
@example([([("stdout", "ab0")] * 300, "", False)], ["log~0ab0ab0a"], " ")
@example([([("stdout", "a")] * 40, "", False)], ["log~" + "a" * 40], " ")
@example([([("stdout", "\0a")], "\0ab", True)], ["log~a", "body:*AB"], " ")
def test_filters_find_what_matches(
    said: list[tuple[list[tuple[str, str]], str, bool]],
    terms: list[str],
    joined_by: str,
) -> None:
    exchanges = []
    store = Store.open(None)
    for writes, body, from_elsewhere in said:
        exchange = exchange_of(body=body.encode())
        exchange.writes = [Write(stream, 0, text.encode()) for stream, text in writes]
        exchange.call(body, "ab", 0, None, None)
        exchanges.append(exchange)
        entry = Entry.of_document(exchange.to_json()) if from_elsewhere else Entry.of(exchange)
        store.put_many([entry])
    where = parse_filter(joined_by.join(terms))
    matching = [one.id for one in exchanges if where.matches(summary_of(one), one.to_json())]
    assert [summary.id for summary in store.list(where)] == matching[::-1]
    assert store.count(where) == len(matching)
    store.close()


@pytest.mark.parametrize("number", ["inf", "-inf", "nan"])
def test_filters_find_numbers_that_are_text_in_documents(store: Store, number: str) -> None:
    exchange = Exchange("call", "f", "api", {"n": float(number)})
    exchange.finish()
    keep(store, [exchange])
    assert len(store.list(parse_filter(f"body:{number} body~n"))) == 1


def test_a_filter_of_many_words(store: Store) -> None:
    words = " ".join(f"w{number}" for number in range(400))
    keep(store, [exchange_of(body=words.encode())])
    assert store.count(parse_filter(f'body~"{words}"')) == 1
    many = " or ".join(['body~"w1 w2 w3"'] * 90)
    assert store.count(parse_filter(many)) == 1


def test_documents_from_elsewhere(store: Store) -> None:
    document = {**exchange_of("/far").to_json(), "note": "kept as well"}
    store.put_many([Entry.of_document(document)])
    assert store.get(str(document["id"])) == document
    assert paths(store) == ["/far"]
    changed = {**document, "note": "changed"}
    store.put_many([Entry.of_document(changed)])
    assert store.get(str(document["id"])) == changed
    assert store.count() == 1


def test_an_id_that_begins_several(store: Store) -> None:
    same = [exchange_of(at=1_700_000_000.0) for _ in range(2)]
    keep(store, same)
    with pytest.raises(AmbiguousId) as caught:
        store.get(same[0].id[:12])
    assert same[1].id in caught.value.hints[0]
    assert store.get(same[0].id) is not None


def test_the_oldest_go_when_there_is_too_much(path: Path) -> None:
    store = Store.open(path, Bounds(max_bytes=1_000_000))
    for _ in range(40):
        keep(store, [exchange_of(body=b"x" * 5000) for _ in range(20)])
    kept = store.list(limit=None)
    assert 50 < len(kept) < 200
    assert all(store.get(summary.id) is not None for summary in kept)
    assert path.stat().st_size < 1_300_000
    store.close()


def test_one_that_is_larger_than_all_there_may_be(path: Path) -> None:
    store = Store.open(path, Bounds(max_bytes=100_000))
    for _ in range(5):
        keep(store, [exchange_of(body=b"x" * 60_000) for _ in range(5)])
    assert store.count() == 6
    store.close()


def test_what_is_too_old_goes(path: Path) -> None:
    now = time.time()
    store = Store.open(path, Bounds(max_age=100))
    keep(store, [exchange_of(f"/{age}", at=now - age) for age in (300, 200, 50, 10)])
    keep(store, [exchange_of("/0")])
    assert paths(store) == ["/0", "/10", "/50"]
    store.close()
    store = Store.open(path, Bounds(max_age=0))
    keep(store, [exchange_of("/new")])
    assert paths(store) == ["/new"]
    store.close()


def test_exchanges_outlive_their_host(path: Path) -> None:
    store = Store.open(path)
    keep(store, [exchange_of("/first")])
    store.close()
    store = Store.open(path)
    keep(store, [exchange_of("/second")])
    assert paths(store) == ["/second", "/first"]
    store.close()


def test_only_the_owner_may_read(path: Path) -> None:
    store = Store.open(path)
    keep(store, [exchange_of()])
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    store.close()


def test_others_read_while_a_host_writes(path: Path) -> None:
    store = Store.open(path)
    keep(store, [exchange_of("/a")])
    reader = Store.read(path)
    assert paths(reader) == ["/a"]
    keep(store, [exchange_of("/b")])
    assert paths(reader) == ["/b", "/a"]
    with pytest.raises(StoreError, match="readonly"):
        keep(reader, [exchange_of("/c")])
    reader.close()
    store.close()
    reader = Store.read(path)
    assert paths(reader) == ["/b", "/a"]
    reader.close()


def test_two_hosts_in_one_directory(path: Path) -> None:
    one, other = Store.open(path), Store.open(path)
    keep(one, [exchange_of("/a")])
    keep(other, [exchange_of("/b")])
    keep(one, [exchange_of("/c")])
    assert paths(one) == paths(other) == ["/c", "/b", "/a"]
    one.close()
    other.close()


def test_a_file_that_is_no_database_is_set_aside(path: Path) -> None:
    path.parent.mkdir(parents=True)
    for number in range(2):
        path.write_text("surely no database, but long enough to look like one\n" * 100)
        told = Troubles()
        store = Store.open(path, on_trouble=told.tell)
        keep(store, [exchange_of("/a")])
        assert paths(store) == ["/a"]
        store.close()
        kept = path.with_name("exchanges.db.corrupt" + ("-2" if number else ""))
        assert kept.read_text().startswith("surely")
        assert told == [
            f"`{path}` is no database, or a broken one; exchanges are kept in a new one;"
            f" see `{kept}`"
        ]


def test_a_file_that_breaks_meanwhile_is_set_aside(path: Path) -> None:
    told = Troubles()
    store = Store.open(path, on_trouble=told.tell)
    keep(store, [exchange_of(body=b"x" * 5000) for _ in range(100)])
    store.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 8192))
    store = Store.open(path, on_trouble=told.tell)
    keep(store, [exchange_of("/after")])
    assert paths(store) == ["/after"]
    assert len(told) == 1
    store.close()


def test_a_file_that_is_made_just_now_is_waited_for(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(Store.read, path)
        store = Store.open(path)
        keep(store, [exchange_of("/a")])
        reader = reading.result(60)
    assert paths(reader) == ["/a"]
    reader.close()
    store.close()


def test_an_empty_file_that_nobody_makes_is_of_no_version(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spindle.history.database.BUSY_SECONDS", 0.05)
    path.parent.mkdir(parents=True)
    path.touch()
    with pytest.raises(StoreError, match="is of version 0"):
        Store.read(path)


def test_a_file_of_another_version_is_set_aside(path: Path) -> None:
    Store.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(StoreError, match="is of version 7"):
        Store.read(path)
    told = Troubles()
    Store.open(path, on_trouble=told.tell).close()
    assert told[0].startswith(f"`{path}` is of version 7, not 1;")
    assert path.with_name("exchanges.db.version-7").exists()
    Store.read(path).close()


def test_a_file_that_is_removed_is_made_anew(path: Path) -> None:
    store = Store.open(path)
    keep(store, [exchange_of("/a")])
    for file in path.parent.iterdir():
        file.unlink()
    path.parent.rmdir()
    keep(store, [exchange_of("/b")])
    assert paths(store) == ["/b"]
    reader = Store.read(path)
    assert paths(reader) == ["/b"]
    reader.close()
    store.close()


def test_a_locked_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spindle.history.database.BUSY_SECONDS", 0.01)
    store = Store.open(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught:
        keep(store, [exchange_of("/a")])
    assert "can't be written: database is locked" in caught.value.message
    assert caught.value.hints == ("another program holds it locked",)
    other.execute("ROLLBACK")
    other.close()
    keep(store, [exchange_of("/b")])
    assert paths(store) == ["/b"]
    store.close()


def test_a_full_disk(path: Path) -> None:
    store = Store.open(path)
    keep(store, [exchange_of("/a")])
    # SQLite says the same of a file that may not grow.
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError) as caught:
        keep(store, [exchange_of("/b", body=b"x" * 50_000)])
    assert "is full" in caught.value.message
    assert caught.value.hints == ("make room on the disk",)
    assert paths(store) == ["/a"]
    store._connection.execute("PRAGMA max_page_count = 100000")
    keep(store, [exchange_of("/c")])
    assert paths(store) == ["/c", "/a"]
    store.close()


def test_there_is_no_file(path: Path) -> None:
    with pytest.raises(StoreError, match="can't be read"):
        Store.read(path)
    assert not path.parent.exists()


def test_a_directory_that_can_not_be_made(path: Path) -> None:
    path.parent.parent.write_text("in the way")
    with pytest.raises(StoreError, match="can't be opened"):
        Store.open(path)


def test_a_directory_that_can_not_be_written(path: Path) -> None:
    if os.geteuid() == 0:
        return  # to whom no directory is closed
    store = Store.open(path)
    keep(store, [exchange_of("/a")])
    store.close()
    path.parent.chmod(0o500)
    path.chmod(0o400)
    try:
        reader = Store.read(path)
        assert paths(reader) == ["/a"]
        reader.close()
        with pytest.raises(StoreError):
            keep(Store.open(path), [exchange_of("/b")])
    finally:
        path.parent.chmod(0o700)


def test_texts_that_are_no_unicode(store: Store) -> None:
    exchange = exchange_of()
    exchange.target = "/\ud800"
    exchange.finish()
    keep(store, [exchange, exchange_of("/b")])
    assert [summary.target for summary in store.list()] == ["/...", "/?"]
    document = store.get(exchange.id)
    assert document is not None
    assert json.dumps(document) == json.dumps(exchange.to_json())


def test_a_document_that_is_broken(path: Path) -> None:
    store = Store.open(path)
    exchange = exchange_of()
    keep(store, [exchange])
    store._connection.execute("UPDATE documents SET data = x'00'")
    with pytest.raises(StoreError, match="can't be read"):
        store.get(exchange.id)
    store.close()

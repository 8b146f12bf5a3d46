"""Values of every type on their way to PostgreSQL and back, and as another client reads them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.range import Range
from tests.services.postgres import Postgres

from spindle.factors.postgres.address import parse_address
from spindle.factors.postgres.calendar import date_of, days_of, is_date
from spindle.factors.postgres.connecting import connect_any
from spindle.factors.postgres.encoding import parameter
from spindle.factors.postgres.numeric import numeric_binary, numeric_text
from spindle.factors.postgres.pool import Background
from spindle.factors.postgres.session import Knowledge, Session, Statement
from spindle.factors.postgres.trust import Trust
from spindle.factors.postgres.vocabulary import VERSION_4
from spindle.factors.rdbms import DatabaseError


class Asker:
    """A session of ours and a connection of psycopg's to the same server."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.trust = Trust()
        wire = self.loop.run_until_complete(connect_any(parse_address(url), self.trust.roots, ()))
        self.session = Session(wire, Knowledge(), Background().spawn)
        self.other = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        self.session.close()
        self.other.close()
        self.trust.close()
        self.loop.close()

    def ask(self, query: str, *values: Any) -> list[tuple[str, Any]]:
        """The first row."""
        statement = Statement(query.encode(), [parameter(value) for value in values], VERSION_4)
        _, rows = self.loop.run_until_complete(self.session.query(statement))
        return [tuple(value) for value in rows[0]]

    def back(self, type: str, case: str, value: Any) -> Any:
        """A value that has been to the server and back."""
        ((label, received),) = self.ask(f"SELECT $1::{type}", (case, value))
        assert label == case
        return received


@pytest.fixture(scope="module")
def asker(postgres_server: Postgres) -> Iterator[Asker]:
    asker = Asker(postgres_server.url)
    yield asker
    asker.close()


def integers(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
DATES = st.dates().map(lambda date: (date.year, date.month, date.day))
TIMES = st.times().map(lambda t: (t.hour, t.minute, t.second, t.microsecond * 1000))
DECIMALS = st.from_regex(r"-?(0|[1-9][0-9]{0,60})(\.[0-9]{1,60})?", fullmatch=True).filter(
    lambda text: Decimal(text) != 0 or not text.startswith("-")
)
ROUND_TRIPS: list[tuple[str, str, st.SearchStrategy[Any]]] = [
    ("bool", "boolean", st.booleans()),
    ("int2", "int16", integers(16)),
    ("int4", "int32", integers(32)),
    ("int8", "int64", integers(64)),
    ("float4", "floating32", st.floats(width=32, allow_nan=False)),
    ("float8", "floating64", st.floats(allow_nan=False)),
    ("date", "date", DATES),
    ("time", "time", TIMES),
    ("timestamp", "datetime", st.tuples(DATES, TIMES).map(lambda pair: pair[0] + pair[1])),
    ("uuid", "uuid", st.uuids().map(str)),
    ("numeric", "decimal", DECIMALS),
    ("int4[]", "array-int32", st.lists(st.none() | integers(32))),
    ("int8[]", "array-int64", st.lists(st.none() | integers(64))),
    ("numeric[]", "array-decimal", st.lists(st.none() | DECIMALS)),
    ("text[]", "array-str", st.lists(st.none() | TEXTS)),
    ("interval", "interval", st.tuples(integers(64), integers(32), integers(32))),
]


@pytest.mark.parametrize(("type", "case", "values"), ROUND_TRIPS, ids=lambda part: str(part)[:12])
@settings(max_examples=40)
@given(st.data())
def test_values_come_back(asker: Asker, type: str, case: str, values: Any, data: Any) -> None:
    value = data.draw(values)
    assert asker.back(type, case, value) == value


@settings(max_examples=40)
@given(TEXTS, st.binary())
def test_texts_and_bytes_come_back(asker: Asker, text: str, data: bytes) -> None:
    assert asker.back("text", "str", text) == text
    assert asker.back("bytea", "binary", data) == data


KINDS = st.sampled_from(["inclusive", "exclusive"])


@settings(max_examples=60)
@given(*[st.none() | st.tuples(st.integers(-9, 9), KINDS)] * 2)
def test_ranges_are_the_servers(asker: Asker, lower: Any, upper: Any) -> None:
    (_, received), (_, text) = asker.ask(
        "SELECT $1::int4range, $1::int4range::text", ("range-int32", (lower, upper))
    )
    if lower is None and upper is None:
        assert text == "(,)"
    members = [
        n
        for n in range(-20, 20)
        if (lower is None or n > lower[0] or (n == lower[0] and lower[1] == "inclusive"))
        and (upper is None or n < upper[0] or (n == upper[0] and upper[1] == "inclusive"))
    ]
    if text == "empty":
        assert received == (None, None)
        assert members == []
    else:
        low, high = received
        assert members == list(
            range(-20 if low is None else low[0], 20 if high is None else high[0])
        )


def as_psycopg(case: str, value: Any) -> Any:
    """A value of ours as psycopg would have it."""
    match case:
        case "date":
            return dt.date(*value)
        case "time":
            return dt.time(value[0], value[1], value[2], value[3] // 1000)
        case "datetime":
            return dt.datetime.combine(dt.date(*value[:3]), as_psycopg("time", value[3:]))
        case "decimal":
            return Decimal(value)
        case "array-decimal":
            return [None if item is None else Decimal(item) for item in value]
        case "range-int32" | "range-int64":
            lower, upper = value
            return Range(lower and lower[0], upper and upper[0])
    return value


COMPARED = [
    "1::int2", "-5", "5::int8", "'x'::text", "'x'::varchar", "true", "1.5::float4", "1.1::float8",
    "'2020-02-29'::date", "'0001-01-01'::date", "'9999-12-31'::date", "'23:59:59.999999'::time",
    "'2020-02-29 23:59:59.999999'::timestamp", "'1969-12-31 23:59:59'::timestamp", "1.10",
    "-0.00001", "1e20::numeric", "10000::numeric", "100000000.00000001", "'[1,5)'::int4range",
    "'(,5)'::int8range", "ARRAY[1,NULL]", "ARRAY[1.5,NULL]", "ARRAY['a',NULL]", "'\\x00'::bytea",
]  # fmt: skip


@pytest.mark.parametrize("expression", COMPARED)
def test_another_client_reads_the_same(asker: Asker, expression: str) -> None:
    ((case, value),) = asker.ask(f"SELECT {expression}")
    row = asker.other.execute(f"SELECT {expression}".encode()).fetchone()
    assert row is not None
    assert as_psycopg(case, value) == row[0]


def test_as_the_server_says_it(asker: Asker) -> None:
    """Many numbers and dates, as the server's own text."""
    query = """
        SELECT array_agg(n), array_agg(n::text), array_agg(d - '2000-01-01'::date),
               array_agg(to_char(d, 'YYYY-MM-DD'))
        FROM (SELECT (power(-7, i % 40) / power(10, i % 30))::numeric AS n,
                     '0001-01-01'::date + i * 1234 AS d
              FROM generate_series(0, 2000) i) t
    """
    (_, numbers), (_, texts), (_, days), (_, dates) = asker.ask(query)
    assert numbers == texts
    assert ["{:04}-{:02}-{:02}".format(*date_of(day)) for day in days] == dates


@given(st.integers(-2_451_545, 2_145_031_948))
def test_days_are_dates(day: int) -> None:
    date = date_of(day)
    assert is_date(date)
    assert days_of(date) == day


@given(st.dates())
def test_dates_are_those_of_python(date: dt.date) -> None:
    there = (date.year, date.month, date.day)
    assert days_of(there) == (date - dt.date(2000, 1, 1)).days


@given(DECIMALS)
def test_numbers_are_exact(text: str) -> None:
    assert numeric_text(numeric_binary(text)) == text


@pytest.mark.parametrize(
    ("given", "meant"),
    [("+1", "1"), ("-0", "0"), ("0010.50", "10.50"), (".5", "0.5"), ("5.", "5"), ("-.5", "-0.5")],
)
def test_numbers_are_made_plain(given: str, meant: str) -> None:
    assert numeric_text(numeric_binary(given)) == meant


@pytest.mark.parametrize(
    "text", ["", ".", "-", "1e5", "0x1", "1_0", "\u0661", " 1", "nan", "1" * 2000000]
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        numeric_binary(text)


def test_timestamps_are_seconds(asker: Asker) -> None:
    for seconds, text in (
        (0, "1970-01-01 00:00:00"),
        (3723, "1970-01-01 01:02:03"),
        (-86400, "1969-12-31 00:00:00"),
    ):
        query = "SELECT ($1::timestamptz AT TIME ZONE 'UTC')::text"
        assert asker.ask(query, ("timestamp", seconds)) == [("str", text)]


def test_text_in_another_encoding_is_refused(asker: Asker) -> None:
    asker.ask("SELECT set_config('client_encoding', 'LATIN1', false)")
    try:
        for query in (
            "SELECT chr(233)",
            "SELECT v FROM (VALUES (chr(195)), (chr(169))) t(v)",
            "SELECT ARRAY[chr(233)]",
        ):
            with pytest.raises(DatabaseError, match="not valid UTF-8"):
                asker.ask(query)
    finally:
        asker.ask("SELECT set_config('client_encoding', 'UTF8', false)")

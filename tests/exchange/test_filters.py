import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spindle.exchange import Summary
from spindle.exchange.filters import FIELDS, Filter, FilterError, complete, parse_filter
from spindle.exchange.packing import may_have_written

NOW = 1_800_000_000.0
PLAIN = Summary(
    id="01a2b3c4d5e6f708192a3b",
    at=NOW - 60,
    trigger="http",
    target="/api/...",
    component="api",
    build="0123456789ab",
    instance=3,
    method="GET",
    path="/api/v1/items?q=1",
    host="a.test",
    status=200,
    took=1500.0,
    received=0,
    sent=120,
    calls=2,
    logs=0,
    trap=None,
    parent=None,
    replay_of=None,
)
BROKEN = PLAIN._replace(status=500, trap="unreachable", took=250_000.0, component="Web")
MESSAGE = PLAIN._replace(
    trigger="redis", target="news", method=None, path=None, host=None, status=None, component=None
)
DOCUMENT: dict[str, Any] = {
    "input": {
        "headers": [["Accept", "text/html"]],
        "body": {"size": 3, "kept": 3, "encoding": "base64", "data": "AAAA"},
    },
    "output": {
        "headers": [["x-id", "7"]],
        "body": {"size": 5, "kept": 5, "encoding": "utf-8", "data": "Hello"},
    },
    "logs": [{"stream": "stdout", "at": 1.0, "text": "took its time"}],
    "calls": [{"interface": "wasi:keyvalue/store@0.2", "func": "get"}],
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "status:200",
        "status=200",
        "status:2xx",
        "status:2XX status<=299",
        "status>=200 status<3xx",
        "status!=404",
        "method:get",
        "component:API",
        "component:a*",
        "component:*",
        "route:/api/*",
        "path~V1",
        "path:/api/*q=1",
        "slow>1ms slow<2ms",
        "slow>1",
        "slow:1.5ms",
        "slow>1499us",
        "size>100 size<1kb",
        "in:0 out:120b",
        "calls>1",
        "logs=0",
        "instance:3",
        "build:0123456789ab",
        "at>-5m",
        "at<-30s",
        "id:01a2*",
        "v1",
        "API get 01A2",
        "not failed",
        "-failed",
        "not not status:200",
        "status:404 or status:200",
        "status:404 and status:200 or api",
        "(status:404 or status:200) api",
        "not (status:404 or failed)",
        'component:"api"',
        'component : "api"  status  >=  200',
        "trap!=unreachable",
        "-trap:*",
        '"v1/items"',
        "STATUS:200",
    ],
)
def test_what_passes(text: str) -> None:
    assert parse_filter(text, NOW).matches(PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        "status:404",
        "status>2xx",
        "status!=2xx",
        "component:web",
        "component:ap",
        "component=a*",
        "path~v2",
        "slow>1.5ms",
        "slow>1s",
        "at>-30s",
        "failed",
        "trap:*",
        "parent:*",
        "v1 nothing",
        "b3c4",
        "not v1",
        "status:200 not status:200",
    ],
)
def test_what_does_not_pass(text: str) -> None:
    assert not parse_filter(text, NOW).matches(PLAIN)


@pytest.mark.parametrize("text", ["failed", "trap~REACH", "status>=500", "slow>100ms", "web"])
def test_what_failed(text: str) -> None:
    assert parse_filter(text).matches(BROKEN)


@pytest.mark.parametrize("text", ["trigger:redis", "route:news", "status!=200", "-status:200"])
def test_what_has_no_status(text: str) -> None:
    assert parse_filter(text).matches(MESSAGE)
    assert not parse_filter("status:200 or status<=599 or component:*").matches(MESSAGE)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("body~hello", True),
        ("body:Hello", True),
        ("body:H*o", True),
        ("body~AAAA", False),  # bytes are not looked into
        ("body!=hello", False),
        ("header:accept", True),
        ("header~text/", True),
        ('header:"x-id: 7"', True),
        ("header:cookie", False),
        ("log~time", True),
        ("call:get", True),
        ("call:*keyvalue*", True),
        ("call:set", False),
        ("call:*#get status:200", True),
        ("not body~hello", False),
        ("body~nothing or status:200", True),
        ("body~nothing status:200", False),
    ],
)
def test_what_is_in_documents(text: str, passes: bool) -> None:
    wanted = parse_filter(text)
    assert wanted.needs_document
    summary = PLAIN._replace(logs=1)
    assert wanted.matches(summary, DOCUMENT) is passes
    assert wanted.may_match(summary) or not passes


def test_what_only_a_document_could_tell() -> None:
    assert parse_filter("body~x").may_match(PLAIN)
    assert parse_filter("not body~x").may_match(PLAIN)
    assert not parse_filter("status:500 body~x").may_match(PLAIN)
    assert parse_filter("status:500 or not body~x").may_match(PLAIN)
    assert not parse_filter("log~x").may_match(PLAIN._replace(logs=0))
    assert parse_filter("not log~x").may_match(PLAIN._replace(logs=0))
    assert not parse_filter("body~x").matches(PLAIN)


@pytest.mark.parametrize(
    ("text", "column", "length", "message", "hint"),
    [
        ("statsu:500", 0, 6, "exchanges have no `statsu`", "did you mean `status`?"),
        ("api  http://a", 5, 4, "exchanges have no `http`", "can be quoted"),
        ("status>", 0, 7, "nothing follows `status>`", ""),
        ("(status>) api", 1, 7, "nothing follows `status>`", ""),
        ("a status:ok", 9, 2, "`ok` is not what `status` is compared with", "`5xx`"),
        ("slow>10parsecs", 5, 9, "`10parsecs` is not what `slow`", "`100ms`"),
        ("at>yesterday", 3, 9, "`yesterday` is not what `at`", "`14:30`"),
        ("path>3", 0, 6, "`path` is a text, which `>` does not compare", "`~`"),
        ("status~5", 0, 8, "`status` is a number, which `~` does not compare", "`>=`"),
        ("failed:yes", 0, 6, "`failed` has no value", "not failed"),
        ('path:"a', 5, 2, "a quote is not closed", ""),
        ("(a or b", 0, 1, "a parenthesis is not closed", ""),
        ("a) b", 1, 1, "`)` closes no parenthesis", ""),
        ("a or", 4, 0, "the filter ends too early", ""),
        ("not", 3, 0, "the filter ends too early", ""),
        ("or a", 0, 2, "nothing stands before `or`", ""),
        ("a ()", 3, 1, "nothing stands before `)`", ""),
        (">=500", 0, 1, "`>` compares nothing", "status>=500"),
        ("a\0b", 1, 1, "a filter has no zero characters", ""),
        ("(" * 30 + "a" + ")" * 30, 21, 1, "too much is nested here", ""),
        ("a " * 101, 200, 0, "a filter has at most 100 terms", ""),
        ("a" * 2001, 2000, 0, "a filter has at most 2000 characters", ""),
    ],
)
def test_what_is_wrong(text: str, column: int, length: int, message: str, hint: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert message in caught.value.message
    assert (caught.value.column, caught.value.length) == (column, length)
    assert hint in "".join(caught.value.hints)


WORDS = [
    "or", "and", "not", "-", "(", ")", "failed", '"', "a b", "*", "%", "_", "5xx", "100ms", "-5m",
    *(name + operator for name in FIELDS for operator in (":", ">=", "~", "!=")),
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=12).map(" ".join))
@example("\N{SUPERSCRIPT TWO}xx status:\N{ARABIC-INDIC DIGIT TWO}xx")
@example("at:0001-01-01")
@example("at:9999-12-31T23:59:59")
def test_any_text_is_a_filter_or_says_what_is_wrong(text: str) -> None:
    try:
        wanted = parse_filter(text)
    except FilterError as error:
        start, end = error.column, error.column + error.length
        pointed = text[start:end]
        assert len(pointed) == error.length, pointed  # noqa: PT017 - most texts raise nothing
        return
    wanted.matches(PLAIN, DOCUMENT)
    _selects(wanted, PLAIN)


# Of letters that differ in case, and what SQL and globs mean by themselves.
TEXTS = st.text(st.sampled_from("aAäÄ%_*\\'/"), max_size=4) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4
)
COUNTS = st.integers(0, 3) | st.sampled_from([199, 200, 299, 404, 500, 10**9])
SUMMARIES = st.builds(
    Summary,
    id=TEXTS,
    at=st.floats(NOW - 400, NOW),
    trigger=TEXTS,
    target=TEXTS,
    component=st.none() | TEXTS,
    build=st.none() | TEXTS,
    instance=st.none() | COUNTS,
    method=st.none() | TEXTS,
    path=st.none() | TEXTS,
    host=st.none() | TEXTS,
    status=st.none() | COUNTS,
    took=st.none() | st.floats(0, 3000),
    received=COUNTS,
    sent=COUNTS,
    calls=COUNTS,
    logs=COUNTS,
    trap=st.none() | TEXTS,
    parent=st.none() | TEXTS,
    replay_of=st.none() | TEXTS,
)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _compared(name: str, draw: Callable[..., Any]) -> str:
    field = FIELDS[name]
    operator: str = draw(st.sampled_from(field.operators))
    if field.notation is None:
        text: str = draw(TEXTS)
        return name + operator + _quoted(text)
    values = {"status": ["2xx", "200", "404"], "slow": ["1ms", "2", "500us"], "at": ["-5m", "-1s"]}
    value: str = draw(st.sampled_from(values.get(name, ["0", "1", "2", "200"])))
    return name + operator + value


@st.composite
def filters(draw: Callable[..., Any]) -> str:
    leaf = st.sampled_from([*FIELDS, "failed", "word"])

    def written(kind: str) -> str:
        if kind == "word":
            return _quoted(draw(TEXTS))
        return kind if kind == "failed" else _compared(kind, draw)

    terms = [written(kind) for kind in draw(st.lists(leaf, min_size=1, max_size=4))]
    text = terms[0]
    for term in terms[1:]:
        joined = draw(st.sampled_from(["{} {}", "{} or {}", "({}) {}", "not ({} or {})", "{} -{}"]))
        text = joined.format(text, term)
    return text


@given(filters(), SUMMARIES)
def test_sql_says_the_same(text: str, summary: Summary) -> None:
    wanted = parse_filter(text, NOW)
    says = wanted.may_match(summary) if wanted.needs_document else wanted.matches(summary)
    assert _selects(wanted, summary) is says


def _selects(wanted: Filter, summary: Summary) -> bool:
    """Whether SQL lets an exchange pass, in whose document there is all that is looked for."""
    names = ", ".join(("data", *Summary._fields))
    marks = ", ".join("?" * (1 + len(Summary._fields)))
    where, params = wanted.to_sql()
    statement = f"WITH one({names}) AS (VALUES ({marks})) SELECT count(*) FROM one WHERE {where}"
    connection = sqlite3.connect(":memory:")
    connection.create_function("may_have_written", 2, may_have_written)
    try:
        one = [wanted.text.encode("utf-8", "surrogatepass"), *summary]
        (count,) = connection.execute(statement, [*one, *params]).fetchone()
    finally:
        connection.close()
    return bool(count)


def _proposed(marked: str, **known: list[str]) -> list[str]:
    """What the text becomes by each proposal at its `|`."""
    before, after = marked.split("|")
    text = before + after
    found = complete(text, len(before), known)
    return [text[: one.start] + one.text + text[one.end :] for one in found]


def test_proposals() -> None:
    assert "status:" in _proposed("|")
    assert _proposed("sta|") == ["status:"]
    assert _proposed("api comp|") == ["api component:"]
    assert _proposed("api -fai|") == ["api -failed"]
    assert _proposed("(sl|)") == ["(slow>)"]
    assert _proposed("component:|", component=["api", "my site"]) == [
        "component:api",
        'component:"my site"',
    ]
    assert _proposed('component:"my|', component=["api", "my site"]) == ['component:"my site"']
    assert _proposed("status>=5|") == ["status>=5xx"]
    assert _proposed("method:P|") == ["method:POST", "method:PUT", "method:PATCH"]
    assert _proposed("unknown:|") == []


@given(st.text(), st.integers(-5, 200))
def test_whatever_is_typed_can_be_completed(text: str, cursor: int) -> None:
    for one in complete(text, cursor, {"component": [text]}):
        assert 0 <= one.start <= one.end <= len(text)


@given(TEXTS)
def test_proposed_values_mean_themselves(value: str) -> None:
    (proposed,) = _proposed("component=|", component=[value])
    assert parse_filter(proposed).matches(PLAIN._replace(component=value))


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_takes_its_operators(name: str) -> None:
    field = FIELDS[name]
    value = {"at": "-5m"}.get(name, "3")
    for operator in field.operators:
        parse_filter(f"{name}{operator}{value}")

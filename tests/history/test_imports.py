"""Requests from other tools' texts."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.exchange import bytes_of
from spindle.history.imports import FORMATS, Imported, import_requests, parse_http


def told(imported: Imported) -> list[tuple[str, str | None, str, dict[str, str], bytes]]:
    """Method, authority, path, headers and body of what was read."""
    assert imported.problems == ()
    return [told_of(each) for each in imported.exchanges]


def told_of(document: dict[str, Any]) -> tuple[str, str | None, str, dict[str, str], bytes]:
    asked = document["input"]
    body = bytes_of(asked["body"])
    headers = dict(asked["headers"])
    assert headers.pop("host") == (asked["authority"] or "localhost")
    return asked["method"], asked["authority"], asked["path_with_query"], headers, body


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("curl localhost:3000", ("GET", "localhost:3000", "/", {}, b"")),
        ("curl 'http://h/a?b=c#d'", ("GET", "h", "/a?b=c", {}, b"")),
        ("curl -XPUT -d a=1 -d b=2 h/x", ("PUT", "h", "/x", FORM, b"a=1&b=2")),
        ("curl -sSLd x http://h", ("POST", "h", "/", FORM, b"x")),
        ("curl -H 'A: b' -H 'C;' h", ("GET", "h", "/", {"a": "b", "c": ""}, b"")),
        ("curl -I h", ("HEAD", "h", "/", {}, b"")),
        ("curl -G -d q=1 --data-urlencode 'x=a b' h/?a", ("GET", "h", "/?a&q=1&x=a+b", {}, b"")),
        ("curl -u me:pw h", ("GET", "h", "/", {"authorization": "Basic bWU6cHc="}, b"")),
        ("curl -A bot -e http://r -b a=b h",
         ("GET", "h", "/", {"user-agent": "bot", "referer": "http://r", "cookie": "a=b"}, b"")),
        ("curl --json '{}' h",
         ("POST", "h", "/", {"accept": "application/json", "content-type": "application/json"},
          b"{}")),
        ("curl h --data-raw @file", ("POST", "h", "/", FORM, b"@file")),
        ("curl h --data-raw $'it\\'s\\n\\x41\\101\\u00e9'",
         ("POST", "h", "/", FORM, "it's\nAA\u00e9".encode())),
        ('curl h -d "a\\"b\\$c\\d"', ("POST", "h", "/", FORM, b'a"b$c\\d')),
        ("curl \\\n  -X DELETE \\\n  h/x", ("DELETE", "h", "/x", {}, b"")),
        ("curl -H content-type: -d x h", ("POST", "h", "/", {}, b"x")),
        ("curl -o /dev/null -w '%{http_code}' --compressed -k h", ("GET", "h", "/", {}, b"")),
        ("printf %s AP8= | base64 -d | curl h -H content-type: --data-binary @-",
         ("POST", "h", "/", {}, b"\x00\xff")),
        ("/usr/bin/curl https://u:p@h:8443/x", ("GET", "h:8443", "/x", {}, b"")),
        ("curl -r 0-9 h", ("GET", "h", "/", {"range": "bytes=0-9"}, b"")),
    ],
)  # fmt: skip
def test_curl(command: str, expected: tuple[Any, ...]) -> None:
    assert told(import_requests(command, "curl")) == [expected]


def test_several_commands() -> None:
    imported = import_requests("# first\ncurl h/1; curl h/2 && curl h/3 h/4\n", "curl")
    assert [each[2] for each in told(imported)] == ["/1", "/2", "/3", "/4"]


@pytest.mark.parametrize(
    ("command", "line", "message"),
    [
        ("curl 'h", 0, "not closed"),
        ("curl", 0, "has no URL"),
        ("\nwget h", 1, "`wget` is not `curl`"),
        ("curl -d @secrets h", 0, "the file `secrets` is not read"),
        ("curl -F a=@b h", 0, "`--form` is not understood"),
        ("curl -b jar h", 0, "cookies in files are not read"),
        ("curl ftp://h/x", 0, "no URL of HTTP"),
        ("curl h -X", 0, "lacks its value"),
        ("curl file:///etc/passwd", 0, "no URL of HTTP"),
    ],
)
def test_curl_that_is_not_understood(command: str, line: int, message: str) -> None:
    problems = import_requests(command, "curl").problems
    assert any(each.line == line and message in each.message for each in problems)


HTTP = """\
@host = localhost:3000
@base = http://{{host}}

# a comment
// another
### say hello
# @name hello
POST {{base}}/hello?x=1 HTTP/1.1
Content-Type: text/plain
# not a header
X-Who: {{who}}

Ada {{who}}

second paragraph


###
GET /relative
  ?a=1
  &b={{host}}
### only a comment
# nothing here
###
{{base}}/bare
"""


def test_files_of_requests() -> None:
    imported = import_requests(HTTP, "http", {"who": "Lovelace"})
    assert told(imported) == [
        (
            "POST",
            "localhost:3000",
            "/hello?x=1",
            {"content-type": "text/plain", "x-who": "Lovelace"},
            b"Ada Lovelace\n\nsecond paragraph",
        ),
        ("GET", None, "/relative?a=1&b=localhost:3000", {}, b""),
        ("GET", "localhost:3000", "/bare", {}, b""),
    ]


def test_requests_of_a_file_know_their_names_and_lines() -> None:
    parsed = parse_http(HTTP, {"who": "x"})
    assert [(each.line, each.name) for each in parsed.requests] == [
        (7, "hello"),
        (18, None),
        (24, None),
    ]


def test_variables_may_be_computed() -> None:
    parsed = parse_http("GET /{{1 + 2}}\n\n{{'a' * 3}}", lambda text: str(eval(text)))
    assert [(each.url, each.body) for each in parsed.requests] == [("/3", "aaa")]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("GET /{{nobody}}", 0, "there is no variable `nobody`"),
        ("GET /\nno header\n", 1, "`no header` is no header"),
        ("POST /\n\n< ./secrets.txt\n", 2, "files are not read"),
        ("POST /\n\nbody\n> {% client.test() %}\n", 3, "scripts and redirections"),
        ("GET ftp://h/", 0, "no URL of HTTP"),
        ("@a = {{a}}\nGET /{{a}}", 1, "there is no variable `a`"),
    ],
)
def test_files_that_are_not_understood(text: str, line: int, message: str) -> None:
    problems = import_requests(text, "http").problems
    assert any(each.line == line and message in each.message for each in problems)


def test_line_ends_of_other_systems() -> None:
    [request] = parse_http("POST /x\r\na: b\r\n\r\nbody\r\n").requests
    assert request.headers == (("a", "b"),)
    assert request.body == "body"


def archive(*entries: Any) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": list(entries)}})


def test_archives_have_answers() -> None:
    text = archive(
        {
            "startedDateTime": "2026-11-22T22:59:57.614Z",
            "time": 1.5,
            "request": {
                "method": "POST",
                "url": "https://h/x?a=b",
                "headers": [{"name": ":authority", "value": "h"}, {"name": "A", "value": "b"}],
                "postData": {"mimeType": "text/plain", "text": "hi"},
            },
            "response": {
                "status": 200,
                "headers": [{"name": "Content-Type", "value": "image/png"}],
                "content": {"text": base64.b64encode(b"\xff").decode(), "encoding": "base64"},
            },
        }
    )
    imported = import_requests(text)
    assert told(imported) == [("POST", "h", "/x?a=b", {"a": "b"}, b"hi")]
    [document] = imported.exchanges
    assert document["output"]["status"] == 200
    assert bytes_of(document["output"]["body"]) == b"\xff"
    assert document["phases_us"] == {"total": 1500.0}
    assert document["id"].startswith("01a2057cd82e")


def test_forms_of_archives() -> None:
    params = [{"name": "a", "value": "1 2"}, {"name": "b"}]
    request = {"method": "POST", "url": "http://h/", "postData": {"params": params}}
    [told_] = told(import_requests(archive({"request": request})))
    assert told_[4] == b"a=1+2&b="


def test_entries_that_are_none_are_left_out() -> None:
    good = {"request": {"method": "GET", "url": "http://h/"}}
    imported = import_requests(
        archive({}, good, 5, {"request": {"method": "GET", "url": "ftp://h"}})
    )
    assert len(imported.exchanges) == 1
    assert [each.message.split(" is")[0] for each in imported.problems] == [
        "entry 1", "entry 3", "entry 4",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"log": []}', '{"log": {"entries": 5}}'])
def test_what_is_no_archive(text: str) -> None:
    [problem] = import_requests(text, "har").problems
    assert "no HTTP archive" in problem.message


def test_the_text_shows_its_format() -> None:
    assert told(import_requests("# x\ncurl h/a"))[0][2] == "/a"
    assert told(import_requests("GET h/a"))[0][2] == "/a"
    document = import_requests("GET h/a").exchanges[0]
    assert import_requests(json.dumps([document])).exchanges == (document,)
    assert import_requests(json.dumps(document)).exchanges == (document,)
    assert "no exchanges" in import_requests("[5]").problems[0].message


@given(st.text(max_size=200), st.sampled_from([*FORMATS, None]))
def test_reading_never_fails(text: str, form: str | None) -> None:
    imported = import_requests(text, form)
    assert all(each["input"]["path_with_query"].startswith("/") for each in imported.exchanges)


@given(st.text(st.sampled_from("curlGET /h'\"\\$|;&#\n@{}<>:=-dXH?%"), max_size=60))
def test_reading_never_fails_on_what_looks_right(text: str) -> None:
    for form in ("curl", "http"):
        import_requests(f"curl h {text}", form)
        import_requests(f"POST /x\n{text}", form)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["request", "method", "url", "headers", "name", "value", "postData",
                         "response", "content", "text", "encoding", "status", "time"]),
        inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@given(st.lists(json_values, max_size=4))
def test_archives_of_anything(entries: list[Any]) -> None:
    imported = import_requests(archive(*entries), "har")
    assert len(imported.exchanges) + len(imported.problems) == len(entries)

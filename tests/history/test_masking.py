import pytest
from tests.history.exchanges import exchange_of

from spindle.exchange import HttpInput
from spindle.history import mask
from spindle.history.masking import masked_header, masked_url


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abc.def", "Bearer ***"),
        ("authorization", "Basic dXNlcjpwYXNz", "Basic ***"),
        ("authorization", "abcdef", "***"),
        ("proxy-authorization", "Digest username=a, response=b", "Digest ***"),
        ("cookie", "session=abc; theme=dark", "session=***; theme=***"),
        ("Set-Cookie", "session=abc; Path=/; HttpOnly", "session=***; Path=/; HttpOnly"),
        ("set-cookie", "session=abc", "session=***"),
        ("x-api-key", "abc", "***"),
        ("x-goog-api-key", "abc", "***"),
        ("X-Auth-Token", "abc", "***"),
        ("x-amz-security-token", "abc", "***"),
        ("accept", "text/html", "text/html"),
        ("x-keyboard", "qwertz", "qwertz"),
        ("referer", "https://u:p@a.test/x?token=abc&b=1", "https://***@a.test/x?token=***&b=1"),
    ],
)
def test_headers(name: str, value: str, shown: str) -> None:
    assert masked_header(name, value) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/a?key=b&page=2", "/a?key=b&page=2"),
        ("/a?access_token=b&page=2", "/a?access_token=***&page=2"),
        ("/a?x=1;client_secret=b#c", "/a?x=1;client_secret=***#c"),
        ("/a?API-Key=b", "/a?API-Key=***"),
        ("/a?X-Amz-Signature=b", "/a?X-Amz-Signature=***"),
        ("redis://user:pass@host:6379/0", "redis://***@host:6379/0"),
        ("mail a@b.test", "mail a@b.test"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert masked_url(url) == shown


def test_documents() -> None:
    exchange = exchange_of("/a?token=abc", body=b"token=abc&x=://a@b")
    asked = HttpInput("GET", "https", "b.test", "/", ((b"authorization", b"Bearer abc"),))
    exchange.call("wasi:http/client", "send", 0, {"request": asked, "n": 1}, None)
    document = exchange.to_json()
    masked = mask(document)
    assert "abc" in str(document["input"])
    assert masked["input"]["path_with_query"] == "/a?token=***"  # type: ignore[index]
    assert ["cookie", "a=***"] in masked["input"]["headers"]  # type: ignore[index]
    assert masked["output"] == document["output"]
    assert "abc" not in str(masked["calls"])
    assert "Bearer ***" in str(masked["calls"])
    assert list(masked) == list(document)


def test_values_behind_the_names_of_headers_in_a_trace() -> None:
    def value(text: str) -> dict[str, object]:
        return {"size": len(text), "kept": len(text), "encoding": "utf-8", "data": text}

    pairs = [["accept", value("*/*")], ["Authorization", value("Bearer abc")]]
    pairs += [["spin-full-url", value("http://a/?token=abc")]]
    calls = [
        {"func": "append", "args": ["<fields>", "cookie", value("abc")], "result": {"ok": None}},
        {"func": "get", "args": ["<fields>", "x-api-key"], "result": [value("abc")]},
        {"func": "entries", "args": ["<fields>"], "result": pairs},
        {"func": "new", "args": [pairs], "result": "<fields>"},
        {"func": "path", "args": [], "result": "/?token=abc"},
        {"func": "write", "args": ["<stream>", value("accept")], "result": None},
    ]
    shown = mask({"trace": calls})
    assert "abc" not in str(shown)
    assert str(shown).count("*/*") == 2
    assert shown["trace"][-1] == calls[-1]  # type: ignore[index]

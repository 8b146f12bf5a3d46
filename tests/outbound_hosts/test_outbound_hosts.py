"""The grammar of allowed outbound hosts, and what each pattern lets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.outbound_hosts import (
    OutboundHostError,
    OutboundHosts,
    parse_http_host,
    parse_outbound_host,
    resolve_outbound_hosts,
)

ALLOWED = """
http://example.com           http example.com 80      http EXAMPLE.com -
https://example.com:8443     https example.com 8443
*://*:*                      tcp 1.2.3.4 9            http any.where -
http://*:*                   http x.y 1234
https://*.example.com        https a.example.com -    https a.b.example.com 443
redis://localhost            redis localhost 6379     redis localhost -
tcp://10.0.0.0/8:*           tcp 10.200.1.1 5
tcp://10.1.2.3/8:1           tcp 10.200.1.1 1
tcp://1.2.3.4:8000..8010     tcp 1.2.3.4 8000         tcp 1.2.3.4 8009
http://[::1]                 http [::1] -
http://[::1]:81              http [::1] 81
http://example.com/          http example.com -
http://bücher.example        http xn--bcher-kva.example -    http bücher.example -
"""

DENIED = """
http://example.com           https example.com -      http example.com 81     http a.example.com -
https://*.example.com        https example.com -      https badexample.com -
tcp://10.0.0.0/8:*           tcp 11.0.0.1 5           tcp example.com 5
tcp://1.2.3.4:8000..8010     tcp 1.2.3.4 8010         tcp 1.2.3.4 -
http://self                  http self -              http localhost -
http://*.10.0.0.1.nip.io     http 10.0.0.1 -
http://example.com           http bad|host -          http - -
"""


def rows(table: str) -> list[tuple[str, str, str, int | None]]:
    found = []
    for line in table.strip().splitlines():
        pattern, *words = line.split()
        for i in range(0, len(words), 3):
            scheme, host, port = words[i : i + 3]
            host = "" if host == "-" else host
            found.append((pattern, scheme, host, None if port == "-" else int(port)))
    return found


def allows(pattern: str, scheme: str, host: str, port: int | None) -> bool:
    return OutboundHosts((parse_outbound_host(pattern),)).allows(scheme, host, port)


@pytest.mark.parametrize(("pattern", "scheme", "host", "port"), rows(ALLOWED))
def test_allowed(pattern: str, scheme: str, host: str, port: int | None) -> None:
    assert allows(pattern, scheme, host, port)


@pytest.mark.parametrize(("pattern", "scheme", "host", "port"), rows(DENIED))
def test_denied(pattern: str, scheme: str, host: str, port: int | None) -> None:
    assert not allows(pattern, scheme, host, port)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("localhost", '"localhost" does not contain a scheme'),
        ("*", "is not an allowed outbound host format"),
        ("", "is not an allowed outbound host format"),
        ("insecure:allow-all", "'insecure:allow-all' is not allowed"),
        ("*://example.com", "does not have a known default port number"),
        ("spin://example.com", "does not have a known default port number"),
        ("{http,https}://x:1", "scheme lists are not supported"),
        ("ht-tp://x:1", "only alphabetic characters are allowed"),
        ("http://{a,b}", "host lists are not yet supported"),
        ("http://x/path", "must not include a path"),
        ("http://x:80/path", "has a path but is not allowed to"),
        ("http://a*b", "wildcards are allowed only as subdomains"),
        ("http://*.*.x", "wildcards are allowed only as prefixes"),
        ("http://*.1.2.3.4", "wildcard suffix must be a domain"),
        ("http://x:{1,2}", "port lists are not yet supported"),
        ("http://x:abc", 'port "abc" is not a number'),
        ("http://x:70000", "is not a number"),
        ("http://x:1..b", "contains non-number"),
        ("http://", "empty host"),
        ("http://a b", "invalid domain character"),
        ("http://[::g]:80", "invalid IPv6 address"),
    ],
)
def test_malformed(text: str, problem: str) -> None:
    with pytest.raises(OutboundHostError) as caught:
        parse_outbound_host(text)
    assert problem in str(caught.value)


@given(st.text() | st.from_regex(r"[a-z*{]*://[*.a0-9\[\]:/{]*", fullmatch=True))
def test_any_text_is_a_pattern_or_malformed(text: str) -> None:
    try:
        pattern = parse_outbound_host(text)
    except OutboundHostError:
        return
    assert pattern.text == text


def test_self_is_for_relative_urls() -> None:
    assert OutboundHosts((parse_outbound_host("http://self"),)).allows_self()
    assert OutboundHosts((parse_outbound_host("https://*:*"),)).allows_self(("https",))
    assert not OutboundHosts((parse_outbound_host("redis://*"),)).allows_self()


def test_templates_are_resolved_and_absent_ones_left_out() -> None:
    values = {"host": "example.com", "none": ""}
    hosts = resolve_outbound_hosts(
        ["https://{{ host }}", "{{ none }}", "http://{{ none }}"], values.__getitem__
    )
    assert [pattern.text for pattern in hosts.patterns] == ["https://example.com"]


def test_chaining_to_any_component_is_to_those_there_are() -> None:
    hosts = resolve_outbound_hosts(["http://*.spin.internal"], str, ["a", "b"])
    assert hosts.allows("http", "a.spin.internal")
    assert not hosts.allows("http", "c.spin.internal")
    assert [pattern.chained_component for pattern in hosts.patterns] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("example.com", ("http://example.com", "https://example.com")),
        ("example.com:81", ("http://example.com:81", "https://example.com:81")),
        ("https://example.com/", ("http://example.com", "https://example.com")),
        ("self", ("http://self",)),
        ("insecure:allow-all", ("http://*:*", "https://*:*", "http://self")),
    ],
)
def test_deprecated_http_hosts(text: str, patterns: tuple[str, ...]) -> None:
    assert parse_http_host(text) == patterns


@pytest.mark.parametrize("text", ["example.com/path", "ftp://example.com", "a b", "x:y", ""])
def test_malformed_http_hosts(text: str) -> None:
    with pytest.raises(OutboundHostError):
        parse_http_host(text)

"""What addresses of PostgreSQL servers say, and what is shown of them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.factors.postgres.address import (
    Address,
    InvalidAddress,
    Server,
    parse_address,
    shown,
)

HOST = Server("h", 5432)
USER = {"user": "u", "password": "p w"}

READ = {
    "postgres://h": Address((HOST,)),
    "postgresql://u:p%20w@h/db": Address((HOST,), {**USER, "dbname": "db"}),
    "postgres://u@h:1,[::1]:2/": Address((Server("h", 1), Server("::1", 2)), {"user": "u"}),
    "postgres://h?sslmode=require&application_name=a%26b": Address(
        (HOST,), {"application_name": "a&b"}, "require"
    ),
    "postgres:///db?host=h&port=7": Address((Server("h", 7),), {"dbname": "db"}),
    "host=h": Address((Server("h", port_is_given=False),)),
    "host = h user=u password = 'p w'": Address((Server("h", port_is_given=False),), USER),
    r"host=h password='it\'s' user=a\ b": Address(
        (Server("h", port_is_given=False),), {"password": "it's", "user": "a b"}
    ),
    "host=a,b port=1,2": Address((Server("a", 1), Server("b", 2))),
    "host=a,b port=1": Address((Server("a", 1), Server("b", 1))),
    "host=a hostaddr=::1": Address((Server("a", via="::1", port_is_given=False),)),
    "hostaddr=10.0.0.1 sslmode=disable": Address(
        (Server("10.0.0.1", via="10.0.0.1", port_is_given=False),), {}, "disable"
    ),
    "": Address(()),
    "user=u": Address((), {"user": "u"}),
}
REFUSED = {
    "h": "expected `key=value`",
    "host=": "expected `key=value`",
    "host='h": "expected `key=value`",
    "host=h service=x": "unknown option `service`",
    "host=h passfile=/etc/passwd": "unknown option `passfile`",
    "host=h sslrootcert=x": "unknown option `sslrootcert`",
    "host=h sslmode=allow": "invalid value for option `sslmode`",
    "host=h connect_timeout=soon": "invalid value for option `connect_timeout`",
    "host=h port=http": "invalid value for option `port`",
    "postgres://h:65536": "invalid value for option `port`",
    "postgres://[::1": "invalid value for option `host`",
    "postgres://%ff": "not UTF-8",
    "host=a@b": "invalid value for option `host`",
    "host='a b'": "invalid value for option `host`",
    "postgres://a%2Fb": "invalid value for option `host`",
    "host=/run/postgresql": "Unix sockets",
    "postgres://%2Frun": "Unix sockets",
    "host=a,b hostaddr=::1": "as many of `hostaddr` as of `host`",
    "host=a,b port=1,2,3": "as many ports as hosts",
    "host=a hostaddr=a": "invalid value for option `hostaddr`",
    "postgres://h?sslmode": "unterminated parameter",
}


@pytest.mark.parametrize("text", READ)
def test_addresses(text: str) -> None:
    assert parse_address(text) == READ[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_none(text: str) -> None:
    with pytest.raises(InvalidAddress) as raised:
        parse_address(text)
    assert REFUSED[text] in str(raised.value)


@given(st.text())
def test_anything_is_read_or_refused(text: str) -> None:
    for address in (text, f"postgres://{text}", f"host={text}"):
        with suppress(InvalidAddress):
            parse_address(address)


WORDS = st.text(st.characters(codec="ascii", exclude_characters="\\'"), min_size=1)


@given(WORDS.filter(lambda word: "\0" not in word))
def test_what_is_quoted_is_read_as_it_is(password: str) -> None:
    assert parse_address(f"host=h password='{password}'").options["password"] == password


SECRETS = st.text("abc0/?#&='\\ :", min_size=1).map(lambda text: f"S3CRET{text}S3CRET")


@given(SECRETS)
def test_passwords_are_not_shown(secret: str) -> None:
    quoted = secret.replace("\\", "\\\\").replace("'", "\\'")
    bare = quoted.replace(" ", "\\ ")
    for address in (
        f"postgres://u:{secret}@h/db",
        f"host=h password='{quoted}' user=u",
        f"password = {bare} host=h",
        f"postgres://h/db?password={secret.replace('&', '%26').replace(' ', '+')}&user=u",
    ):
        assert "S3CRET" not in shown(address)
        assert "h" in shown(address)


@pytest.mark.parametrize("start", [" postgres://", "POSTGRES://", "postgre://"])
def test_passwords_of_what_is_no_address_are_not_shown(start: str) -> None:
    assert shown(f"{start}user:S3CRET@h/db") == f"{start}user:***@h/db"

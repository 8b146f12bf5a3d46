"""Addresses, ports and certificates, and what is said when they don't work."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import trustme

from spindle.errors import HostError, SpindleError, UserError
from spindle.trigger.http.listener import base_url, bind, parse_listen_address, tls_context


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:3000", ("127.0.0.1", 3000)),
        ("localhost:0", ("127.0.0.1", 0)),
        ("[::1]:80", ("::1", 80)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert parse_listen_address(text) == address


@pytest.mark.parametrize("text", ["", "3000", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(UserError, match="is not an address to listen on"):
        parse_listen_address(text)


def test_port_in_use() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HostError, match=f"127.0.0.1:{port} is already in use") as refused:
            bind("127.0.0.1", port)
        assert "--find-free-port" in refused.value.hints[0]
        with bind("127.0.0.1", port, find_free_port=True) as found:
            assert port < found.getsockname()[1] <= port + 9


def test_no_free_port() -> None:
    with bind("127.0.0.1", 65535), pytest.raises(HostError, match="no port is free in the range"):
        bind("127.0.0.1", 65535, find_free_port=True)


def test_an_address_of_somebody_else() -> None:
    with pytest.raises(HostError, match=r"cannot listen on 192\.0\.2\.1:80: "):
        bind("192.0.2.1", 80)


def test_base_url() -> None:
    with bind("127.0.0.1", 0) as listener:
        assert base_url("http", listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
    if socket.has_ipv6:
        with bind("::1", 0) as listener:
            assert base_url("https", listener).startswith("https://[::1]:")


def test_certificates(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("localhost")
    other = trustme.CA().issue_cert("localhost")
    chain, key, wrong, text = (tmp_path / name for name in ("chain", "key", "wrong", "text"))
    chain.write_bytes(issued.cert_chain_pems[0].bytes())
    key.write_bytes(issued.private_key_pem.bytes())
    wrong.write_bytes(other.private_key_pem.bytes())
    text.write_text("hello")
    tls_context(chain, key)
    for certificate, private_key, problem in [
        (tmp_path / "absent", key, "failed to load certificate.* from `.*absent`: No such file"),
        (chain, tmp_path / "absent", "failed to load private key from `.*absent`: No such file"),
        (text, key, "failed to load certificate.* from `.*text`: it is no PEM file"),
        (chain, wrong, "cannot be used: "),
        (key, chain, "cannot be used: "),
    ]:
        with pytest.raises(SpindleError, match=problem):
            tls_context(certificate, private_key)

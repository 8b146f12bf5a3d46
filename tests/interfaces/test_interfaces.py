"""The table of interfaces."""

from __future__ import annotations

import pytest

from spindle.interfaces import INTERFACES, find_interface, nearest_interface
from spindle.manifest.v2 import COMPONENT


def test_each_interface_is_listed_once() -> None:
    names = [interface.name for interface in INTERFACES]
    assert len(names) == len(set(names))


def test_what_grants_an_interface_is_a_key_of_a_component() -> None:
    grants = {interface.grant for interface in INTERFACES} - {None}
    assert grants <= {key.name for key in COMPONENT.keys}


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("wasi:cli/environment@0.2.0", "wasi.cli"),
        ("wasi:cli/environment@0.2.12", "wasi.cli"),
        ("wasi:cli/environment@0.3.0-rc-2026-03-15", "wasi.cli"),
        ("wasi:http/client@0.3.0", "outbound_http"),
        ("wasi:http/outgoing-handler@0.2.0-rc-2023-11-10", "outbound_http"),
        ("fermyon:spin/key-value", "key_value"),
        ("fermyon:spin/key-value@2.0.0", "key_value"),
        ("spin:postgres/postgres@4.1.0", "postgres"),
        ("wasi:config/store@0.2.0-draft-2024-09-27", "variables"),
    ],
)
def test_hosted(name: str, factor: str) -> None:
    interface = find_interface(name)
    assert interface is not None
    assert interface.factor == factor


@pytest.mark.parametrize(
    "name",
    [
        "wasi:cli/environment",
        "wasi:cli/environment@0.4.0",
        "wasi:cli/environment@0.2.0-rc-2024-01-01",
        "wasi:nn/graph@0.2.0",
        "wasi:http/client@0.2.0",
        "example:thing/x",
    ],
)
def test_not_hosted(name: str) -> None:
    assert find_interface(name) is None


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("wasi:http/client@0.2.0", "wasi:http/client@0.3.x, 0.3.0-rc-2026-03-15"),
        ("wasi:htp/types@0.2.0", "wasi:http/types@"),
        ("fermyon:spin/confg", "fermyon:spin/config"),
        ("example:very/different@1.0.0", None),
    ],
)
def test_nearest(name: str, near: str | None) -> None:
    found = nearest_interface(name)
    assert (found is None) if near is None else (found or "").startswith(near)

"""Key-value stores of every kind, by guests of every language and interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.factors.key_value_guests import WASI_WAYS, WAYS
from tests.factors.stores import KINDS, configured
from tests.labs import LabError, Laboratory, Labs, laboratory

GUESTS = ("lab-python", "lab-python-2", "lab-javascript")


@pytest.fixture(scope="module")
def configuration(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("stores")
    with ExitStack() as stack:
        tables = [stack.enter_context(configured(kind, directory, request, kind)) for kind in KINDS]
        yield "".join(tables)


@pytest.fixture(scope="module")
def host(configuration: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    directory = tmp_path_factory.mktemp("guests")
    stores = ["default", *KINDS]
    with laboratory(directory, GUESTS, configuration, key_value_stores=stores) as host:
        yield host


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_values_are_kept(host: Laboratory, way: str, kind: str) -> None:
    key = f"{way}:"
    assert WAYS[way].do(host, kind, key) == [
        [b"\0two", b"", None],
        [True, True, False, False],
        [f"{key}a", f"{key}b"],
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WASI_WAYS)
def test_values_are_swapped_counted_and_set_together(host: Laboratory, way: str, kind: str) -> None:
    assert WASI_WAYS[way].do(host, kind, f"wasi {way}:") == [
        [b"first", "CasError_CasFailed", b"mine", None],
        [5, 7],
        [["x", b"x"], ["y", b"y"]],
        [],
        ["Error_Other", "list_keys: cursor not supported"],
    ]


@pytest.mark.parametrize("kind", ["file", "redis"])
def test_a_dependency_keeps_values_too(lab: Labs, configuration: str, kind: str) -> None:
    inherited = ["key_value_stores"]
    host = lab(composed=inherited, runtime_config=configuration, key_value_stores=[kind])
    assert WAYS["python 3.0.0"].do(host, kind, "composed:")[0] == [b"\0two", b"", None]
    with pytest.raises(LabError) as raised:
        host.run('await key_value.open("default")')
    assert raised.value.value == {"Error_AccessDenied": None}
    assert f'`key_value_stores = ["{kind}", "default"]`' in host.console.text

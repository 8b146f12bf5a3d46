"""Variables as guests read them, by every interface there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.labs import LabError, Laboratory, laboratory

GUESTS = ("lab-python", "lab-python-2", "lab-javascript")
MANIFEST = """
[variables]
place = { default = "world" }
token = { default = "open sesame", secret = true }
"""
VARIABLES = {"greeting": "hello {{ place }}", "token": "{{ token }}"}
GET = {
    "spin:variables@3.0.0 python": ("lab-python", "return await variables.get({name!r})"),
    "fermyon:spin/variables@2.0.0 python": ("lab-python-2", "return variables.get({name!r})"),
    "fermyon:spin/variables@2.0.0 javascript": (
        "lab-javascript",
        'return imported["fermyon:spin/variables@2.0.0"].get({name!r})',
    ),
    "fermyon:spin/config javascript": (
        "lab-javascript",
        'return imported["fermyon:spin/config"].getConfig({name!r})',
    ),
}
STORE = 'return imported["wasi:config/store@0.2.0-draft-2024-09-27"].{call}'


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    directory = tmp_path_factory.mktemp("variables")
    with laboratory(directory, GUESTS, manifest=MANIFEST, variables=VARIABLES) as host:
        yield host


def ask(host: Laboratory, way: str, name: str) -> Any:
    guest, code = GET[way]
    return host.run(code.format(name=name), guest)


@pytest.mark.parametrize("way", GET)
def test_a_variable_is_resolved(host: Laboratory, way: str) -> None:
    assert ask(host, way, "greeting") == "hello world"


ERRORS = {
    "spin:variables@3.0.0 python": ("Error_Undefined", "Error_InvalidName"),
    "fermyon:spin/variables@2.0.0 python": ("Error_Undefined", "Error_InvalidName"),
    "fermyon:spin/variables@2.0.0 javascript": ("undefined", "invalid-name"),
    "fermyon:spin/config javascript": ("provider", "invalid-key"),
}


@pytest.mark.parametrize("way", GET)
def test_one_that_is_not_there_is_an_error_of_the_interface(host: Laboratory, way: str) -> None:
    for name, error in zip(("missing", "No Name"), ERRORS[way], strict=True):
        with pytest.raises(LabError) as raised:
            ask(host, way, name)
        value = raised.value.value
        assert error == (value["tag"] if "tag" in value else next(iter(value)))


def test_wasi_config_has_what_there_is(host: Laboratory) -> None:
    def store(call: str) -> Any:
        return host.run(STORE.format(call=call), "lab-javascript")

    assert store('get("greeting")') == "hello world"
    assert store('get("missing")') is None
    assert store('get("No Name")') is None
    assert sorted(store("getAll()")) == [["greeting", "hello world"], ["token", "open sesame"]]

"""Components linked and run by us and by the engine's own component support must agree.

Each file in `linking/` begins with the calls to make: `;; call "path" "to" "function" arguments…`.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from wasmtime import component as native

from spindle.component.component import Compiler, Component
from spindle.component.core import Engine
from spindle.component.host import HostInterface
from spindle.component.imports import Imports

FILES = sorted((Path(__file__).parent / "linking").glob("*.wat"))

INTERFACES = {
    "test:host/numbers@1.4.2": {"double": lambda n: n * 2},
    "test:host/words@1.0.0": {"greet": lambda whom: f"hello, {whom}"},
    "": {"triple": lambda n: n * 3},
}


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler(Engine(), None)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_results_are_those_of_the_engine(file: Path, compiler: Compiler) -> None:
    text = file.read_text()
    wasm = bytes(wasmtime.wat2wasm(text))
    calls = list(calls_of(text))
    assert calls
    assert ours(wasm, calls, compiler) == theirs(wasm, calls)


def calls_of(text: str) -> Iterator[tuple[list[str], list[Any]]]:
    """The path of each function to call, and its arguments."""
    exports = re.findall(r'\(export "([^"]+)"', text)
    for line in re.findall(r"^;; (call .*)$", text, re.MULTILINE):
        for call in line.split(";; "):
            values = [ast.literal_eval(word) for word in re.findall(r'"[^"]*"|\d+', call)]
            path = list(itertools.takewhile(exports.__contains__, values))
            yield path, values[len(path) :]


def ours(wasm: bytes, calls: list[tuple[list[str], list[Any]]], compiler: Compiler) -> list[Any]:
    imports = Imports(
        {
            name: HostInterface({n: with_task(function) for n, function in functions.items()})
            for name, functions in INTERFACES.items()
        }
    )
    instance = Component.load(wasm, compiler).instantiate(imports)
    try:
        return [instance.func(*names).call(*args) for names, args in calls]
    finally:
        instance.close()


def with_task(function: Any) -> Any:
    return lambda _task, *args: function(*args)


def theirs(wasm: bytes, calls: list[tuple[list[str], list[Any]]]) -> list[Any]:
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    linker = native.Linker(engine)
    with linker.root() as root:
        for name, functions in INTERFACES.items():
            if not name:
                for n, function in functions.items():
                    root.add_func(n, with_task(function))
                continue
            with root.add_instance(name) as interface:
                for n, function in functions.items():
                    interface.add_func(n, with_task(function))
    instance = linker.instantiate(store, native.Component(engine, wasm))
    return [call_native(store, instance, names, args) for names, args in calls]


def call_native(store: Any, instance: Any, names: list[str], args: list[Any]) -> Any:
    index = None
    for name in names:
        index = instance.get_export_index(store, name, index)
        assert index is not None, name
    function = instance.get_func(store, index)
    result = function(store, *args)
    function.post_return(store)
    return result

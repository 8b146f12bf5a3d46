"""Each package is entered by its door: `__init__` with `__all__`."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import spindle
import spindle_kernel
import spindle_lsp
import spindle_tui

PACKAGES = (spindle, spindle_kernel, spindle_lsp, spindle_tui)


def modules() -> Iterator[str]:
    for package in PACKAGES:
        yield package.__name__
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield found.name


ALL = list(modules())


def source(name: str) -> ast.Module:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ALL)
def test_what_a_module_offers_is_there_and_in_order(name: str) -> None:
    module = importlib.import_module(name)
    offered = getattr(module, "__all__", None)
    if offered is not None:
        assert list(offered) == sorted(offered, key=_by_kind)
        assert [entry for entry in offered if not hasattr(module, entry)] == []


@pytest.mark.parametrize("name", ALL)
def test_a_module_says_what_it_is(name: str) -> None:
    assert ast.get_docstring(source(name))


# The runtime keeps the specification's words, and its package's door offers none of them.
NAMED_BY_US = [name for name in ALL if not name.startswith("spindle.component.")]


@pytest.mark.parametrize("name", NAMED_BY_US)
def test_no_function_shares_its_modules_name(name: str) -> None:
    functions = {
        node.name
        for node in source(name).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert name.rpartition(".")[2] not in functions


def _by_kind(name: str) -> tuple[int, str]:
    """Constants, classes, functions, each by name."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name

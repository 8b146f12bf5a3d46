"""What components are put together from, and what of it caches know already."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest
from tests.conftest import built

from spindle.app import AppComponent, Dependency, LocalSource, RegistrySource
from spindle.component.component import Compiler, Component
from spindle.component.core import Engine
from spindle.component.plan import ROOT
from spindle.errors import UserError
from spindle.executor.assembly import Assembly

LIBRARY = "guests:library"


@pytest.fixture
def compiler(tmp_path: Path) -> Compiler:
    return Compiler(Engine(), tmp_path / "cache")


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    """A consumer with its library, and two components around it; files of its own."""
    for name in ("consumer", "library", "middleware"):
        (tmp_path / f"{name}.wasm").write_bytes(built(name).read_bytes())
    return Assembly(
        AppComponent(
            "c",
            LocalSource(tmp_path / "consumer.wasm"),
            dependencies=(Dependency(LIBRARY, LocalSource(tmp_path / "library.wasm")),),
        ),
        tuple(
            Dependency(name, LocalSource(tmp_path / "middleware.wasm"))
            for name in ("outer", "inner")
        ),
    )


def unwanted() -> NoReturn:
    raise AssertionError("it is in the cache")


def test_what_is_unchanged_is_not_composed_again(assembly: Assembly, compiler: Compiler) -> None:
    first = Component.load(assembly.content(compiler.plans), compiler)
    again = assembly.content(compiler.plans)
    assert again.digest == first.digest
    loaded = Component.load(again._replace(read=unwanted), compiler)
    assert loaded.plan.modules == first.plan.modules


def test_what_changes_is_composed_again(assembly: Assembly, compiler: Compiler) -> None:
    digests = {assembly.content(compiler.plans).digest}
    component, (outer, inner) = assembly.component, assembly.middleware
    (dependency,) = component.dependencies
    for changed in (
        assembly._replace(middleware=()),
        assembly._replace(middleware=(outer,)),
        assembly._replace(middleware=(inner, outer)),
        assembly._replace(component=component._replace(dependencies=(outer,)), middleware=(inner,)),
        assembly._replace(
            component=component._replace(dependencies=(dependency._replace(export="x"),))
        ),
    ):
        digests.add(changed.content(compiler.plans).digest)
    file = assembly.paths[1]
    file.write_bytes(file.read_bytes() + b"\0\2\1x")  # a custom section
    digests.add(assembly.content(compiler.plans).digest)
    assert len(digests) == 7


def test_grants_change_nothing(assembly: Assembly, compiler: Compiler) -> None:
    component = assembly.component
    (dependency,) = component.dependencies
    inheriting = component._replace(dependencies=(dependency._replace(inherit=True),))
    changed = assembly._replace(component=inheriting)
    assert changed.content(compiler.plans).digest == assembly.content(compiler.plans).digest


def test_modules_are_compiled_once_whatever_is_around_them(
    assembly: Assembly, compiler: Compiler
) -> None:
    composed = Component.load(assembly.content(compiler.plans), compiler)
    keys = {module.key for module in composed.plan.modules}
    for path in assembly.paths:
        alone = Component.load(path, compiler)
        assert keys > {module.key for module in alone.plan.modules}


def test_instances_are_known_by_their_place(assembly: Assembly, compiler: Compiler) -> None:
    plan = Component.load(assembly.content(compiler.plans), compiler).plan
    nested = assembly.nested(plan)
    assert [dependency.name for _, dependency in sorted(nested.items())] == [
        LIBRARY, "inner", "outer",
    ]  # fmt: skip
    assert all(plan.instances[number] == ROOT for number in nested)
    (component,) = (
        number
        for number, parent in enumerate(plan.instances)
        if parent == ROOT and number not in nested
    )
    first, *after = sorted(nested)
    assert first < component < min(after)


def test_a_component_alone_is_its_file(assembly: Assembly, compiler: Compiler) -> None:
    alone = Assembly(assembly.component._replace(dependencies=()))
    content = alone.content(compiler.plans)
    assert content.read() == built("consumer").read_bytes()
    assert alone.nested(Component.load(content, compiler).plan) == {}


def test_what_is_not_fetched_is_named(assembly: Assembly, compiler: Compiler) -> None:
    source = RegistrySource("a:b", "1.0.0")
    absent = assembly._replace(middleware=(Dependency("far", source),))
    with pytest.raises(UserError, match="dependency `far` does not come from a local file"):
        absent.content(compiler.plans)

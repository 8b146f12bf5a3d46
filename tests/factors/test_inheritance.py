"""What a dependency gets of the grants of the component it is in."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from spindle.app import GRANTS, App, AppComponent, Dependency, LocalSource, Mount, Variable
from spindle.factors import Factors, InstanceState
from spindle.factors.http_client import HttpClient
from spindle.factors.key_value import KeyValueError, KeyValueFactor, SqliteStores
from spindle.factors.outbound_http import OutboundFactor
from spindle.factors.variables import VariablesFactor
from spindle.factors.wasi import WasiFactor
from spindle.variables import Resolver, VariableError

SOURCE = LocalSource(Path("guest.wasm"))
COMPONENT = AppComponent(
    "c",
    SOURCE,
    environment={"LEVEL": "1"},
    variables={"greeting": "{{ word }}"},
    mounts=(Mount("/data", Path("/"), is_dir=True),),
    allowed_outbound_hosts=("https://example.com",),
    key_value_stores=("default",),
    sqlite_databases=("default",),
    ai_models=("llama",),
)
APP = App(
    "a", Path("/"), variables={"word": Variable("word", "hello")}, components={"c": COMPONENT}
)


def prepared(inherit: bool | tuple[str, ...] | None) -> InstanceState:
    """The state of a dependency; None for the component's own."""
    resolver = Resolver.of(APP, ())
    outbound = OutboundFactor(HttpClient(), resolver.variable_nowait)
    stores = KeyValueFactor({"default": SqliteStores(None)})
    factors = Factors([WasiFactor(), VariablesFactor(lambda: resolver), stores, outbound])
    factors.configure_app(APP)
    factors.prepare(COMPONENT)  # as it is before its dependencies
    dependency = None if inherit is None else Dependency("d", SOURCE, inherit=inherit)
    return factors.prepare(COMPONENT, dependency)


def granted(state: InstanceState) -> set[str]:
    """Which grants a state has, as the manifest names them."""
    found = set()
    if state.environment:
        found.add("environment")
    if state.preopens:
        found.add("files")
    if state.outbound_hosts.allows("https", "example.com", 443):
        found.add("allowed_outbound_hosts")
    with suppress(KeyValueError):
        asyncio.run(state.factors["key_value"].open("default"))
        found.add("key_value_stores")
    with suppress(VariableError):
        assert asyncio.run(state.factors["variables"].resolve("c", "greeting")) == "hello"
        found.add("variables")
    all_variables = asyncio.run(state.factors["variables"].resolve_all("c"))
    assert all_variables == ({"greeting": "hello"} if "variables" in found else {})
    return found


SERVED = {"allowed_outbound_hosts", "environment", "files", "key_value_stores", "variables"}
"""The grants there are factors for."""


def test_the_component_has_them_all() -> None:
    assert granted(prepared(None)) == SERVED
    assert prepared(None).dependency is None


def test_a_dependency_has_none_unless_it_inherits() -> None:
    assert granted(prepared(False)) == set()
    assert granted(prepared(True)) == SERVED
    assert prepared(False).dependency == "d"


def test_what_is_denied_says_so() -> None:
    state = prepared(False)
    with pytest.raises(KeyValueError) as denied:
        asyncio.run(state.factors["key_value"].open("default"))
    assert denied.value.case == "access-denied"
    with pytest.raises(VariableError) as undefined:
        asyncio.run(state.factors["variables"].resolve("c", "greeting"))
    assert undefined.value.reason == "undefined"


@pytest.mark.parametrize("name", sorted(SERVED))
def test_each_is_inherited_by_itself(name: str) -> None:
    assert granted(prepared((name,))) == {name}
    assert granted(prepared(tuple(SERVED - {name}))) == SERVED - {name}


def test_what_is_left_of_a_component() -> None:
    for name, field in GRANTS:
        left = COMPONENT.granting(Dependency("d", SOURCE, inherit=(name, "nonsense")))
        assert getattr(left, field) == getattr(COMPONENT, field)
        others = [getattr(left, other) for _, other in GRANTS if other != field]
        assert not any(others)

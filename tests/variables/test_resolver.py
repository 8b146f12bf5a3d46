"""Templates, names, providers in their order, and what is secret."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import pytest

from spindle.app import Variable
from spindle.template import TemplateError, parse_template
from spindle.variables import (
    DotenvError,
    EnvironmentProvider,
    Resolver,
    StaticProvider,
    VariableError,
    check_name,
    default_providers,
)

VARIABLES = {
    "host": Variable("host", "localhost"),
    "token": Variable("token", None, secret=True),
    "empty": Variable("empty", ""),
}
COMPONENTS = {
    "a": {
        "plain": "text",
        "url": "http://{{ host }}/{{host}}",
        "auth": "Bearer {{ token }}",
        "odd": "a }} b",
    }
}


class Slow:
    """A provider that has to wait."""

    def get(self, name: str) -> Awaitable[str | None]:
        async def wait() -> str | None:
            await asyncio.sleep(0)
            return "slow" if name == "host" else None

        return wait()


def test_templates_are_filled_with_defaults() -> None:
    resolver = Resolver(VARIABLES, COMPONENTS)
    assert resolver.resolve_nowait("a", "plain") == "text"
    assert resolver.resolve_nowait("a", "url") == "http://localhost/localhost"
    assert resolver.resolve_nowait("a", "odd") == "a }} b"


def test_the_first_provider_with_a_value_wins() -> None:
    providers = (
        StaticProvider({"token": "1"}),
        StaticProvider({"token": "2", "host": "h"}),
    )
    resolver = Resolver(VARIABLES, COMPONENTS, providers)
    assert resolver.resolve_nowait("a", "auth") == "Bearer 1"
    assert resolver.variable_nowait("host") == "h"
    assert asyncio.run(resolver.resolve_all("a"))["url"] == "http://h/h"


def test_a_provider_may_wait() -> None:
    resolver = Resolver(VARIABLES, COMPONENTS, (Slow(),))
    assert asyncio.run(resolver.resolve("a", "url")) == "http://slow/slow"
    with pytest.raises(BlockingIOError):
        resolver.resolve_nowait("a", "url")


@pytest.mark.parametrize(
    ("component", "name", "reason"),
    [
        ("a", "auth", "provider"),
        ("a", "missing", "undefined"),
        ("b", "plain", "undefined"),
        ("a", "Bad", "invalid-name"),
        ("a", "", "invalid-name"),
    ],
)
def test_what_has_no_value(component: str, name: str, reason: str) -> None:
    with pytest.raises(VariableError) as caught:
        Resolver(VARIABLES, COMPONENTS).resolve_nowait(component, name)
    assert caught.value.reason == reason


def test_required_variables_without_value_are_listed() -> None:
    assert asyncio.run(Resolver(VARIABLES, COMPONENTS).unresolved()) == ("token",)
    given = (StaticProvider({"token": "x"}),)
    assert asyncio.run(Resolver(VARIABLES, COMPONENTS, given).unresolved()) == ()


def test_what_reveals_a_secret_is_secret() -> None:
    resolver = Resolver(VARIABLES, COMPONENTS)
    assert resolver.secret("a", "auth") == "token"
    assert resolver.secret("a", "url") is None


def test_values_given_on_the_command_line_do_not_show() -> None:
    assert "hunter2" not in repr(StaticProvider({"token": "hunter2"}))


def test_the_environment_comes_before_the_dotenv_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# comment\nSPIN_VARIABLE_HOST=dotenv\nexport SPIN_VARIABLE_TOKEN='to ken'\nHOST=no\n"
    )
    environment = {"SPIN_VARIABLE_HOST": "environment"}
    provider = EnvironmentProvider(dotenv=tmp_path / ".env", environment=environment)
    assert provider.get("host") == "environment"
    assert provider.get("token") == "to ken"
    assert provider.get("other") is None


def test_a_dotenv_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SPIN_VARIABLE_X=\xff\n")
    with pytest.raises(DotenvError):
        EnvironmentProvider(dotenv=tmp_path / ".env", environment={}).get("x")


def test_all_providers_in_order(tmp_path: Path) -> None:
    environment = {f"SPIN_VARIABLE_{name}": "env" for name in ("A", "B", "C")}
    providers = default_providers(
        {"a": "given"},
        (StaticProvider({"a": "configured", "b": "configured"}),),
        directory=tmp_path,
        environment=environment,
    )
    variables = {name: Variable(name, "default") for name in "abcd"}
    resolver = Resolver(variables, {}, providers)
    values = [resolver.variable_nowait(name) for name in "abcd"]
    assert values == ["given", "configured", "env", "default"]


@pytest.mark.parametrize("name", ["a", "a1", "api_key", "a_1"])
def test_good_names(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", "A", "1a", "_a", "a_", "a__b", "a-b", "ä"])
def test_bad_names(name: str) -> None:
    with pytest.raises(VariableError):
        check_name(name)


def test_an_unclosed_reference_is_no_template() -> None:
    with pytest.raises(TemplateError, match=r"unmatched '\{\{' in template"):
        parse_template("a {{ b")


def test_references_know_their_place() -> None:
    (reference,) = parse_template("ab{{ x }}c").references
    assert (reference.name, reference.start, reference.end) == ("x", 2, 9)

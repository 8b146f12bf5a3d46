"""Definitions of environments, and Spin's catalogue of them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.manifest.model import Target
from spindle.targets import (
    Definition,
    Support,
    TargetError,
    WorldRef,
    find_in_catalogue,
    known_names,
    local_definition,
    parse_definition,
)

WHOLE = """
default = { worlds = ["spin:up/platform@3.2.0"] }
[triggers]
redis = { worlds = [] }
[triggers.http]
worlds = [
  { path = "wit", world = "a:b/c@1.0.0" },
  { registry = "r.example", world = "a:b/c" },
  { reference = "r.example/a/b:1", world = "a:b/c@1.0.0" },
]
capabilities = ["local_service_chaining"]
[metadata]
plugins = ["x"]
"""


def test_a_whole_definition() -> None:
    assert parse_definition("e", WHOLE) == Definition(
        "e",
        {
            "redis": Support(()),
            "http": Support(
                (
                    WorldRef("a:b/c@1.0.0", path="wit"),
                    WorldRef("a:b/c", registry="r.example"),
                    WorldRef("a:b/c@1.0.0", reference="r.example/a/b:1"),
                ),
                ("local_service_chaining",),
            ),
        },
        Support((WorldRef("spin:up/platform@3.2.0"),)),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "`triggers` is missing"),
        ("x = 1\n[triggers]", "the definition has the unknown key `x`"),
        ("triggers = 1", "`triggers` is no table"),
        ("triggers.http = {}", "`triggers.http`.worlds is missing"),
        ("triggers.http = { worlds = 1 }", "`triggers.http`.worlds is no array"),
        ("triggers.http = { worlds = [1] }", "a world of `triggers.http` is no table"),
        ('triggers.http = { worlds = ["a"] }', "`a` is no name of a world"),
        ('triggers.http = { worlds = [{ path = "w" }] }', "has no `world`"),
        (
            'triggers.http = { worlds = [{ path = "w", registry = "r", world = "a:b/c" }] }',
            "has both `path` and `registry`",
        ),
        ("triggers.http = { worlds = [], capabilities = [1] }", "is no string"),
        ("[triggers", "is invalid"),
        ("x = " + "[" * 20_000, "is invalid"),
    ],
)
def test_what_is_no_definition(text: str, problem: str) -> None:
    with pytest.raises(TargetError) as caught:
        parse_definition("e", text)
    assert "target environment `e`" in caught.value.message
    assert problem in caught.value.message


@given(st.text())
def test_any_text_is_a_definition_or_explained(text: str) -> None:
    with contextlib.suppress(TargetError):
        parse_definition("e", text)


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    root = tmp_path / "spin" / "environments" / "envs"
    (root / "acme").mkdir(parents=True)
    (root / "acme" / "acme.toml").write_text("triggers = {}")
    (root / "acme" / "acme@1.10.toml").write_text("triggers = {}")
    (root / "acme" / "acme@1.9.toml").write_text("triggers = 1")
    (tmp_path / "spin" / "environments" / "secret.toml").write_text("triggers = {}")
    return root


def test_the_clone_of_the_catalogue_is_read(catalogue: Path) -> None:
    assert find_in_catalogue("acme") == Definition("acme", {})
    assert find_in_catalogue("acme:1.10") == Definition("acme@1.10", {})
    assert known_names()[:3] == ["acme", "acme@1.9", "acme@1.10"]
    with pytest.raises(TargetError, match="is invalid"):
        find_in_catalogue("acme:1.9")


@pytest.mark.parametrize("name", ["", "acme:2", "../secret", "a/../../secret", "acme:../x", "\0"])
def test_names_nobody_knows(catalogue: Path, name: str) -> None:
    assert find_in_catalogue(name) is None


def test_spins_own_are_known_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = find_in_catalogue("spin-up:3.2")
    assert found is not None
    assert found.support("http") == Support(
        (WorldRef("spin:up/http-trigger@3.2.0"),), ("local_service_chaining",)
    )
    assert found.support("cron") == Support((WorldRef("spin:up/platform@3.2.0"),))
    assert "spin-up@4.1" in known_names()


@pytest.mark.parametrize("path", ["none.toml", ".", "/dev/zero", "a\0b", "latin.toml"])
def test_files_that_are_no_definition(tmp_path: Path, path: str) -> None:
    (tmp_path / "latin.toml").write_bytes(b"\xff")
    with pytest.raises(TargetError, match="can't be read"):
        local_definition(Target(path=path), tmp_path)


def test_a_url_is_not_local(tmp_path: Path) -> None:
    assert local_definition(Target(url="https://example.com/a.toml"), tmp_path) is None

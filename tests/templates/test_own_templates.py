"""Spindle's own templates: all of them, with what they make."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.manifest import read_manifest
from spindle.templates import (
    Filling,
    Plan,
    Template,
    errors_of,
    plan_application,
    plan_component,
    with_snippets,
)
from spindle.templates.shelves import own_shelf

TEMPLATES = {template.id: template for template in own_shelf().templates}

EVERYWHERE = {".editorconfig", ".gitignore", ".vscode/settings.json", "README.md", "spin.toml"}
PYTHON = {"app.py", "requirements.txt", "tools.py"}
MADE = {
    "cron-py": PYTHON | {"cron.wit", "report.py", "test_report.py"},
    "http-c": {
        "Makefile", "greeting.c", "greeting.h", "main.c", "requirements.txt", "test_greeting.c",
        "tools.py",
    },
    "http-empty": set[str](),
    "http-js": {
        "install.js", "package.json", "src/greeting.js", "src/index.js", "test/greeting.test.js",
    },
    "http-py": PYTHON | {"greeting.py", "test_greeting.py"},
    "http-rust": {"Cargo.toml", "src/lib.rs"},
    "http-ts": {
        "install.js", "package.json", "src/greeting.ts", "src/index.ts", "test/greeting.test.ts",
        "tsconfig.json",
    },
    "library-rust": {
        "Cargo.toml", "consumer/Cargo.toml", "consumer/src/lib.rs", "library.wit", "src/lib.rs",
    },
    "redirect": set[str](),
    "redis-py": PYTHON | {"summary.py", "test_summary.py"},
    "static-fileserver": {
        "assets/404.html", "assets/index.html", "assets/style.css", "fileserver.wasm",
        "test_site.py",
    },
    "wagi-rust": {"Cargo.toml", "src/main.rs"},
}  # fmt: skip

GIVEN = {"redirect-to": "/there", "redis-channel": "news"}
EMPTY = 'spin_manifest_version = 2\n\n[application]\nname = "app"  # ours\n'


def values_of(template: Template) -> dict[str, str]:
    return {each.id: GIVEN.get(each.id, each.default or "") for each in template.parameters}


def application(id_: str, name: str = "my-app", **values: str) -> Plan:
    template = TEMPLATES[id_]
    return plan_application(template, Filling(name, {**values_of(template), **values}))


def test_all_of_them_are_known() -> None:
    assert own_shelf().broken == ()
    assert TEMPLATES.keys() == MADE.keys()


@pytest.mark.parametrize("id_", MADE)
def test_the_files_of_an_application(id_: str) -> None:
    assert set(map(str, application(id_).files)) == EVERYWHERE | MADE[id_]


@pytest.mark.parametrize("id_", MADE)
def test_values_given_pass_their_own_rules(id_: str) -> None:
    template = TEMPLATES[id_]
    values = values_of(template)
    assert [each.problem(values[each.id]) for each in template.parameters] == [None] * len(values)


@pytest.mark.parametrize("id_", MADE)
@pytest.mark.parametrize("name", ["app", "my-app", "MY-APP", "a-b2-c"])
def test_files_are_what_they_should_be(id_: str, name: str) -> None:
    files = {str(path): data for path, data in application(id_, name).files.items()}
    manifest, found = read_manifest(Path("spin.toml"), files["spin.toml"].decode())
    assert manifest is not None
    assert errors_of(found) == []
    for path, data in files.items():
        if path.endswith(".json"):
            json.loads(data)
        elif path.endswith(".toml"):
            tomllib.loads(data.decode())
        elif path.endswith(".py"):
            compile(data, path, "exec")
        if not path.endswith(".wasm"):
            assert b"{%" not in data
            assert b"{{" not in data


@pytest.mark.parametrize("id_", [id_ for id_ in MADE if id_ != "http-empty"])
def test_a_component_of_an_application(id_: str) -> None:
    template = TEMPLATES[id_]
    filling = Filling("extra", values_of(template), PurePosixPath("extra"))
    plan = plan_component(template, filling, {})
    files = set(map(str, plan.files))
    assert all(path.startswith("extra/") for path in files)
    assert files.isdisjoint({"extra/spin.toml", "extra/README.md", "extra/.vscode/settings.json"})
    addition = with_snippets(Path("spin.toml"), EMPTY, plan.snippets)
    assert addition.text.startswith(EMPTY)
    assert addition.components == (() if id_ == "redirect" else ("extra",))


TEXT = st.text(st.characters(exclude_categories=["Cs"])).filter(str.isprintable)


@given(st.sampled_from(sorted(MADE)), TEXT)
def test_a_description_is_only_a_description(id_: str, text: str) -> None:
    files = application(id_, **{"project-description": text}).files
    manifest, found = read_manifest(
        Path("spin.toml"), files[PurePosixPath("spin.toml")].decode("utf-8")
    )
    assert errors_of(found) == []
    assert manifest is not None
    assert manifest.application.description == text


@given(st.sampled_from(["http-py", "http-rust", "static-fileserver"]), TEXT)
def test_a_route_is_only_a_route(id_: str, text: str) -> None:
    (parameter,) = (each for each in TEMPLATES[id_].parameters if each.id == "http-path")
    route = f"/{text}"
    if parameter.problem(route) is None:
        toml = application(id_, **{"http-path": route}).files[PurePosixPath("spin.toml")]
        (trigger,) = tomllib.loads(toml.decode())["trigger"]["http"]
        assert trigger["route"].startswith(route)


@given(st.text())
def test_a_parameter_takes_a_text_or_says_why_not(text: str) -> None:
    for template in TEMPLATES.values():
        for parameter in template.parameters:
            problem = parameter.problem(text)
            assert problem is None or (problem.isprintable() and problem)

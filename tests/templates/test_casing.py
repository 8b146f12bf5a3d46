"""How names are written, as Spin's filters write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.templates import casing

CASES = [
    # text, kebab, snake, pascal
    ("my-app", "my-app", "my_app", "MyApp"),
    ("My App", "my-app", "my_app", "MyApp"),
    ("myApp", "my-app", "my_app", "MyApp"),
    ("XMLHttpRequest", "xml-http-request", "xml_http_request", "XmlHttpRequest"),
    ("app2go", "app2go", "app2go", "App2go"),
    ("app2Go", "app2-go", "app2_go", "App2Go"),
    ("ABC-def_GHI", "abc-def-ghi", "abc_def_ghi", "AbcDefGhi"),
    ("__a__b__", "a-b", "a_b", "AB"),
    ("", "", "", ""),
]


@pytest.mark.parametrize(("text", "kebab", "snake", "pascal"), CASES)
def test_cases(text: str, kebab: str, snake: str, pascal: str) -> None:
    assert casing.kebab_case(text) == kebab
    assert casing.snake_case(text) == snake
    assert casing.pascal_case(text) == pascal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme.PetStore", "Acme.PetStore"),
        ("acme.pet-store", "Acme.PetStore"),
        ("acme pet store", "AcmePetStore"),
    ],
)
def test_dots_stay(text: str, expected: str) -> None:
    assert casing.dotted_pascal_case(text) == expected


@pytest.mark.parametrize(
    ("route", "expected"), [("/", "/..."), ("/a", "/a/..."), ("/a/", "/a/..."), ("/...", "/...")]
)
def test_wildcards(route: str, expected: str) -> None:
    assert casing.http_wildcard(route) == expected


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_a_name_in_kebab_case_has_nothing_else(text: str) -> None:
    found = casing.kebab_case(text)
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", found)
    assert casing.kebab_case(found) == found

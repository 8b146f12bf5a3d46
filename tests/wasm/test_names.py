"""Labels, import and export names."""

from __future__ import annotations

import pytest

from spindle.wasm.names import (
    InterfaceName,
    PlainName,
    is_label,
    is_version_split,
    parse_extern_name,
    unique_key,
)


@pytest.mark.parametrize("label", ["a", "a-b-c", "A", "A-B2", "a1-2-3", "m1x3d-4CR0NYMS"])
def test_kebab_case_is_a_label(label: str) -> None:
    assert is_label(label)


@pytest.mark.parametrize("label", ["", "1a", "a-", "-a", "a--b", "aB", "a_b", "é", "a-bC", "a\n"])
def test_anything_else_is_not(label: str) -> None:
    assert not is_label(label)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("run", PlainName("run")),
        ("[constructor]fields", PlainName("fields", "constructor", "fields")),
        ("[method]fields.get", PlainName("get", "method", "fields")),
        ("[static]URL.parse", PlainName("parse", "static", "URL")),
        ("wasi:http/types", InterfaceName("wasi", "http", "types")),
        ("wasi:http/types@0.2.1", InterfaceName("wasi", "http", "types", "0.2.1")),
        ("a-b:c-d/E-f@1.0.0-rc.1+x.y", InterfaceName("a-b", "c-d", "E-f", "1.0.0-rc.1+x.y")),
        ("wasi:http/types@0.2", InterfaceName("wasi", "http", "types", "0.2")),
        ("wasi:http/types@1", InterfaceName("wasi", "http", "types", "1")),
    ],
)
def test_names_have_parts(name: str, expected: PlainName | InterfaceName) -> None:
    assert parse_extern_name(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "[method]a",
        "[constructor]a.b",
        "[getter]a.b",
        "wasi:http",
        "wasi/http",
        "Wasi:http/types",
        "a:b/c@",
        "a:b/c@1.0",
        "a:b/c@01.0.0",
        "a:b/c@1.0.0-",
        "a:b/c@1.0.0-01",
        "a:b/c@0.0",
        "a:b:c/d",
        "a:b/c/d",
    ],
)
def test_other_names_are_refused(name: str) -> None:
    assert parse_extern_name(name) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("foo", "FOO"),
        ("foo", "[method]foo.foo"),
        ("foo", "[static]FOO.foo"),
        ("[method]foo.bar", "[static]foo.bar"),
        ("[constructor]foo", "[constructor]FOO"),
        ("foo:bar/baz", "foo:bar/BAZ"),
    ],
)
def test_these_names_conflict(one: str, other: str) -> None:
    assert unique_key(one) == unique_key(other)


def test_these_names_do_not_conflict() -> None:
    names = ["foo", "[constructor]foo", "[method]foo.bar", "[static]foo.baz", "foo:bar/baz"]
    assert len({unique_key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("version", "suffix", "whole"),
    [
        ("1", ".2.3", True),
        ("0.2", ".6-rc.1", True),
        ("0.0.1", "-alpha", True),
        ("0.2.6", "-rc.1", False),
        ("1", "2.3", False),
        ("0", ".2.6", False),
    ],
)
def test_a_version_suffix_completes_a_canonical_version(
    version: str, suffix: str, whole: bool
) -> None:
    assert is_version_split(version, suffix) is whole

"""Types of the host's functions as values: spelled again, they are what the table has."""

from __future__ import annotations

import pytest

from spindle.component.canon.mismatch import type_name
from spindle.component.known_types import known_type, read_type, signature_of
from spindle.component.plan_signatures import known_packages, unescaped
from spindle.wasm.spelling import Names, spell_out
from spindle.wasm.types import FuncType, PrimValType, RecordType, ResultType

FUNCTIONS = sorted(
    (package, *function.split("#"), text)
    for package, known in known_packages().items()
    for function, text in known.functions.items()
)


def versioned(package: str, interface: str) -> str:
    """An interface of a package with a version of its track."""
    version = package.partition("@")[2]
    if version and "-" not in version:
        version += ".0" * (2 - version.count("."))
    return f"{interface}@{version}" if version else interface


@pytest.mark.parametrize("package", sorted(known_packages()))
def test_every_function_has_a_type(package: str) -> None:
    for owner, interface, function, text in FUNCTIONS:
        if owner == package:
            found = known_type(versioned(owner, interface), function)
            assert found is not None, (owner, interface, function)
            assert ("->" in text) == (found.result is not None)
            assert text.count("(") == 0 or isinstance(found, FuncType)


def test_types_are_read_whole() -> None:
    found = known_type("wasi:clocks/wall-clock@0.2.3", "now")
    assert found is not None
    assert isinstance(found.result, RecordType)
    assert [(f.label, f.type) for f in found.result.fields] == [
        ("seconds", PrimValType.U64),
        ("nanoseconds", PrimValType.U32),
    ]
    found = known_type("spin:key-value/key-value@3.0.0", "[method]store.get")
    assert found is not None
    assert isinstance(found.result, ResultType)
    assert type_name(found.result.ok) == "option<list<u8>>"


def test_structures_spelled_again_are_the_same() -> None:
    names = Names()
    for package in known_packages().values():
        for text in package.types:
            if all(word not in text for word in package.types.values()) and "/" not in text:
                assert unescaped(spell_out(read_type(text, {}), names)) == text


def test_what_the_host_has_not_has_no_type() -> None:
    assert known_type("acme:billing/rates", "rate") is None
    assert signature_of("wasi:clocks/wall-clock@0.2.0", "later") is None

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.component.host import HostInterface
from spindle.component.imports import Imports
from spindle.wasm.names import track_of

A, B = HostInterface({"a": lambda: None}), HostInterface({"b": lambda: None})


@pytest.mark.parametrize(
    ("provided", "wanted", "serves"),
    [
        ("wasi:io/streams@0.2.6", "wasi:io/streams@0.2.0", True),
        ("wasi:io/streams@0.2.0", "wasi:io/streams@0.2.12", True),
        ("wasi:io/streams@0.2.6", "wasi:io/streams@0.3.0", False),
        ("wasi:io/streams@0.2.6", "wasi:io/poll@0.2.6", False),
        ("wasi:io/streams@0.2.6", "wasi:io/streams@0.2", True),
        ("a:b/c@1.2.3", "a:b/c@1.9.0", True),
        ("a:b/c@1.2.3", "a:b/c@1", True),
        ("a:b/c@1.2.3", "a:b/c@2.0.0", False),
        ("a:b/c@0.0.1", "a:b/c@0.0.1", True),
        ("a:b/c@0.0.1", "a:b/c@0.0.2", False),
        ("a:b/c@0.2.0", "a:b/c@0.2.0-rc.1", False),
        ("a:b/c@0.3.0-rc-2025-09-16", "a:b/c@0.3.0-rc-2025-09-16", True),
        ("a:b/c@0.3.0-rc-2025-09-16", "a:b/c@0.3.0-rc-2025-08-15", False),
        ("a:b/c@1.0.0+build", "a:b/c@1.0.0", True),
        ("a:b/c", "a:b/c", True),
        ("a:b/c", "a:b/c@1.0.0", False),
        ("a:b/c@1.0.0", "a:b/c", False),
    ],
)
def test_a_provider_serves_its_version_track(provided: str, wanted: str, serves: bool) -> None:
    assert Imports({provided: A}).find(wanted) is (A if serves else None)


def test_the_exact_version_comes_first_and_then_the_newest() -> None:
    imports = Imports({"a:b/c@1.10.0": B, "a:b/c@1.9.0": A})
    assert imports.find("a:b/c@1.9.0") is A
    assert imports.find("a:b/c@1.2.0") is B


def test_functions_by_themselves_are_in_the_interface_without_a_name() -> None:
    assert Imports({"": A}).find(None) is A


def test_the_later_of_two_merged_wins() -> None:
    merged = Imports({"a:b/c": A}).merged(Imports({"a:b/c": B}, lenient=True))
    assert merged.find("a:b/c") is B
    assert merged.lenient


numbers = st.integers(0, 99)


@given(numbers, numbers, numbers)
def test_a_track_is_on_itself(major: int, minor: int, patch: int) -> None:
    track = track_of(f"a:b/c@{major}.{minor}.{patch}")
    assert track_of(track) == track

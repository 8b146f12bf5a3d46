"""Requirements of versions, by Cargo's rules."""

import pytest

from spindle.errors import UserError
from spindle.registry.versions import exact_version, newest_matching

THERE_ARE = (
    "0.1.0",
    "0.1.9",
    "0.2.0",
    "1.0.0-rc.1",
    "1.0.0",
    "1.2.3",
    "2.0.0",
    "latest",
    "sha256-ab",
)


@pytest.mark.parametrize(
    ("requirement", "newest"),
    [
        ("1.0", "1.2.3"),
        ("^1.0.0", "1.2.3"),
        ("0.1", "0.1.9"),
        ("=1.0.0", "1.0.0"),
        ("= 0.1.0", "0.1.0"),
        ("~1.0", "1.0.0"),
        (">= 0.1.0", "2.0.0"),
        (">=0.1, <1", "0.2.0"),
        ("*", "2.0.0"),
        ("1.*", "1.2.3"),
        ("1.0.0-rc.1", "1.2.3"),
        ("=1.0.0-rc.1", "1.0.0-rc.1"),
        ("3", None),
        (">2.0.0", None),
    ],
)
def test_the_newest_allowed_version(requirement: str, newest: str | None) -> None:
    assert newest_matching(THERE_ARE, requirement) == newest


@pytest.mark.parametrize("requirement", ["", "one", "1.2.3.4", "=>1", ",", "1,,2", "../1"])
def test_what_is_no_requirement(requirement: str) -> None:
    with pytest.raises(UserError, match="not a version requirement"):
        newest_matching(THERE_ARE, requirement)


@pytest.mark.parametrize(
    ("requirement", "version"),
    [("=1.2.3", "1.2.3"), ("= 1.2.3", "1.2.3"), ("1.2.3", None), ("=1.2", None), ("=../x", None)],
)
def test_exact_versions(requirement: str, version: str | None) -> None:
    assert exact_version(requirement) == version

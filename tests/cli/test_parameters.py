import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.cli.parameters import (
    merged,
    parse_count,
    parse_counts,
    parse_durations,
    parse_variables,
)
from spindle.dev.options import Bounds
from spindle.limits import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5", 5), ("5s", 5), ("100ms", 0.1), ("7us", 7e-6), ("7μs", 7e-6), ("9ns", 9e-9), ("0", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)
    assert parse_durations(text).draw() == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "1.5s", "-1", "1m", "1 s", "five", "1..2..3", "2..1"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|empty"):
        parse_durations(text)


def test_a_range_takes_its_unit_at_each_end() -> None:
    assert parse_durations("100ms..8s") == Bounds(0.1, 8.0)


@given(st.integers(0, 10**6), st.integers(1, 1000))
def test_counts_are_drawn_from_their_range(low: int, width: int) -> None:
    assert parse_count(str(low)) == low
    assert parse_counts(str(low)).draw() == low
    assert low <= parse_counts(f"{low}..{low + width}").draw() < low + width


def test_variables_come_from_the_command_line_and_from_files(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    (tmp_path / "a.json").write_text(json.dumps({"a": "json", "b": "json"}))
    (tmp_path / "a.toml").write_text('a = "toml"')
    texts = ["c=x=y", f"d=@{tmp_path}/token", f"@{tmp_path}/a.json", f"@{tmp_path}/a.toml"]
    assert merged(map(parse_variables, texts)) == {
        "a": "toml", "b": "json", "c": "x=y", "d": "secret\n"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("plain", "expected `KEY=VALUE`"),
        ("@a.yaml", r"must end in `\.json` or `\.toml`"),
        ("@no.json", "can't be read: no such file or directory"),
        ("@list.json", "holds no table"),
        ("@number.json", "`a` in `number.json` is not a string"),
        ("@broken.toml", "can't be read"),
        ("k=@binary", "can't be read: it is no text"),
    ],
)
def test_what_is_no_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list.json").write_text("[]")
    Path("number.json").write_text('{"a": 1}')
    Path("broken.toml").write_text("= 1")
    Path("binary").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=message):
        parse_variables(text)

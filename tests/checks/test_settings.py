"""Spindle's own settings in a manifest are checked where they stand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from spindle.limits import (
    ALL_LIMITS,
    DEFAULT,
    LIMITS,
    UNLIMITED,
    HostLimits,
    Limits,
    flag_of,
    host_limits_of,
    limits_of,
    read_limit,
    shown,
)
from spindle.loader import Options, load

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "limits.md"
MANIFEST = """spin_manifest_version = 2
[application]
name = "limited"
[application.tool.spindle]
{application}
[[trigger.http]]
route = "/..."
component = "hello"
[component.hello]
source = "app.wasm"
[component.hello.tool.spindle]
{component}
"""


def problems(tmp_path: Path, *, application: str = "", component: str = "") -> list[str]:
    (tmp_path / "app.wasm").write_bytes(b"\0asm\x01\0\0\0")
    text = MANIFEST.format(application=application, component=component)
    (tmp_path / "spin.toml").write_text(text)
    found = load(tmp_path / "spin.toml", Options(), text=text).diagnostics
    return [
        f"{d.span.start.line if d.span else '?'} {d.code}: {d.message}; {d.help}"
        for d in found
        if d.code.endswith("-setting")
    ]


@pytest.mark.parametrize(
    "setting",
    [
        "max_handles = 5",
        'max_cpu_time = "100ms"',
        "max_cpu_time = 0.5",
        'max_log_line = "1 KiB"',
        "instant = false",
    ]
    + [f'{name} = "none"' for name in LIMITS],
)
def test_a_good_setting_is_no_problem(tmp_path: Path, setting: str) -> None:
    assert not problems(tmp_path, component=setting)
    assert not problems(tmp_path, application=setting)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("max_handels = 5", "did you mean `max_handles`?"),
        ("wholly_new = 5", "known here: `max_cpu_time`"),
        ("max_requests = 5", "it belongs in `[application.tool.spindle]`"),
        ("max_handles = -1", "expected a whole number, or `none`"),
        ("max_handles = true", "expected a whole number"),
        ("max_handles = 1.5", "expected a whole number"),
        ('max_handles = "many"', "expected a whole number"),
        ("max_handles = [1]", "expected a whole number"),
        ('max_instance_memory = "64 bananas"', "expected bytes"),
        ('max_cpu_time = "1 h"', "expected a time"),
        ("max_cpu_time = nan", "expected a time"),
    ],
)
def test_a_bad_setting_is_told_where_it_stands(tmp_path: Path, setting: str, said: str) -> None:
    [problem] = problems(tmp_path, component=setting)
    assert problem.startswith("11 ")
    assert said in problem


def test_a_hosts_setting_is_the_applications(tmp_path: Path) -> None:
    assert not problems(tmp_path, application="max_requests = 5")


def test_later_settings_win_and_others_are_no_limits() -> None:
    found = limits_of({"max_handles": 5, "x": 1}, {"max_handles": "none", "max_log_line": "1KiB"})
    assert found == Limits(max_handles=UNLIMITED, max_log_line=1024)
    assert host_limits_of({"max_requests": 5, "max_handles": 7}) == HostLimits(5)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("max_cpu_time", "1500ms", 1.5),
        ("max_cpu_time", "none", math.inf),
        ("max_instance_memory", "2GiB", 2 << 30),
        ("max_instance_memory", "3 KB", 3000),
        ("max_instance_memory", "17", 17),
        ("max_handles", "none", UNLIMITED),
    ],
)
def test_a_limit_is_read_from_text(name: str, text: str, value: float) -> None:
    assert read_limit(name, text) == value


def test_every_limit_is_described_and_documented() -> None:
    assert set(ALL_LIMITS) == {*Limits._fields, *HostLimits._fields}
    page = PAGE.read_text()
    for name, limit in ALL_LIMITS.items():
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        default = getattr(DEFAULT, name, None) or getattr(HostLimits(), name)
        cells = [cell.strip() for cell in row.split("|")]
        assert cells[2:4] == [f"`{flag_of(name)}`", shown(limit.kind, default)]

"""`spindle test`: saved exchanges as tests, for people who write no Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.cli.harness import Run

import spindle
from spindle.door import ExchangeResult

MANIFEST = """\
spin_manifest_version = 2
[application]
name = "cases"
[variables]
who = {{ default = "world" }}
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = "{wasm}"
key_value_stores = ["default"]
[component.guest.variables]
who = "{{{{ who }}}}"
"""


@pytest.fixture(scope="module")
def folder(guest: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an application."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "spin.toml").write_text(MANIFEST.format(wasm=guest("python").as_posix()))
    return folder


@pytest.fixture(scope="module")
def recorded(folder: Path) -> dict[str, ExchangeResult]:
    """Exchanges of it."""
    with spindle.open(folder, state_dir=str(folder / "state")) as app:
        app.kv["key"] = "kept"
        return {
            "who": app.get("/variable?name=who"),
            "kept": app.get("/keep"),
            "chance": app.get("/chance"),
        }


def saved(exchange: ExchangeResult, path: Path, **changes: Any) -> Path:
    """A case of an exchange."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**exchange.document, **changes}))
    return path


def test_what_comes_out_as_before_passes(
    run: Run, folder: Path, recorded: dict[str, ExchangeResult], tmp_path: Path
) -> None:
    for name in ("who", "kept"):
        saved(recorded[name], tmp_path / f"{name}.exchange.json")
    done = run("test", "-f", str(folder), str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(" (")[0] for line in lines] == [
        "ok    kept",
        "ok    who",
        "2 cases, 0 failed",
    ]


def test_what_comes_out_otherwise_fails(
    run: Run, folder: Path, recorded: dict[str, ExchangeResult], tmp_path: Path
) -> None:
    case = str(saved(recorded["who"], tmp_path / "who.exchange.json"))
    done = run("test", "-f", str(folder), "--variable", "who=Ada", case)
    assert done.returncode == 1
    assert "FAIL  who" in done.stdout
    assert (
        '        was "world"\n        is  "Ada"\n'.replace("        ", "          ") in done.stdout
    )
    for form in ("json", "junit"):
        done = run("test", "-f", str(folder), "--variable", "who=Ada", "--format", form, case)
        assert done.returncode == 1
        if form == "json":
            [outcome] = json.loads(done.stdout)
            assert outcome["passed"] is False
            assert {"part": "output", "path": "body", "before": "world", "after": "Ada"} in outcome[
                "differences"
            ]
        else:
            suite = ElementTree.fromstring(done.stdout)
            assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
            assert suite.find("testcase/failure") is not None


def test_what_may_differ_is_ignored(
    run: Run, folder: Path, recorded: dict[str, ExchangeResult], tmp_path: Path
) -> None:
    case = saved(recorded["chance"], tmp_path / "chance.exchange.json", ignore=["output.*"])
    assert run("test", "-f", str(folder), str(case)).returncode == 0


def test_the_first_failure_can_be_the_last(
    run: Run, folder: Path, recorded: dict[str, ExchangeResult], tmp_path: Path
) -> None:
    for name in ("a", "b"):
        saved(recorded["chance"], tmp_path / f"{name}.exchange.json")
    done = run("test", "-x", "-f", str(folder), str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "1 case, 1 failed"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "can't be read"),
        ("[]", "is no exchange"),
        ('{"v": 2, "input": {}, "trigger": {}}', "is of version 2 of the format"),
        ('{"v": 1, "input": {}, "trigger": {}, "ignore": "x"}', "`ignore`"),
        ("[" * 100_000, "can't be read"),
    ],
)
def test_a_file_that_is_no_case_fails_by_itself(
    run: Run,
    folder: Path,
    recorded: dict[str, ExchangeResult],
    tmp_path: Path,
    text: str,
    message: str,
) -> None:
    (tmp_path / "a.exchange.json").write_text(text)
    saved(recorded["who"], tmp_path / "who.exchange.json")
    done = run("test", "-f", str(folder), str(tmp_path))
    assert done.returncode == 1
    failed, why, passed, end = done.stdout.splitlines()
    assert failed.startswith("FAIL  a (")
    assert message in why
    assert passed.startswith("ok    who (")
    assert end == "2 cases, 1 failed"
    assert "Traceback" not in done.stderr


def test_an_exchange_that_can_not_be_repeated(run: Run, folder: Path, tmp_path: Path) -> None:
    case = tmp_path / "a.exchange.json"
    case.write_text('{"v": 1, "input": {}, "trigger": {"type": "call"}}')
    done = run("test", "-f", str(folder), str(case))
    assert done.returncode == 1
    assert "can't be repeated" in done.stdout


def test_no_cases_are_said(run: Run, folder: Path) -> None:
    done = run("test", cwd=folder)
    assert done.returncode == 2
    assert "there is no case in `tests/exchanges`" in done.stderr
    assert "spindle export" in done.stderr

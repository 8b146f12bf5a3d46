"""`spindle check` as a person and as a script sees it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

from tests.cli.harness import Run

from spindle.diagnostics import Diagnostic, Severity, render
from spindle.text import Position, Span

CLEAN = """spin_manifest_version = 2
application = { name = "x" }
trigger = { http = [{ route = "/gone", static_response = { status_code = 410 } }] }
"""


def test_a_clean_manifest(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(CLEAN)
    result = run("check")
    assert (result.returncode, result.stdout) == (0, "spin.toml: no problems\n")
    result = run("check", str(tmp_path), "--format", "json")
    assert (result.returncode, json.loads(result.stdout)) == (0, [])


def test_warnings_are_no_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(CLEAN.replace('"/gone"', '"gone"'))
    result = run("check", "spin.toml")
    assert result.returncode == 0
    assert result.stdout.startswith("warning[route-without-slash]: ")
    assert "\n  --> spin.toml:3:" in result.stdout
    assert result.stdout.endswith("spin.toml: 1 warning (1 fixable with `--fix`)\n")


def test_errors_are_all_listed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(CLEAN.replace('"x"', "1") + "ä = 1\n[component.c]\n")
    result = run("check", "--format", "json")
    problems = json.loads(result.stdout)
    assert result.returncode == 2
    assert {p["code"] for p in problems} >= {"wrong-type", "toml-syntax"}
    for problem in problems:
        assert set(problem) >= {"code", "severity", "message", "path", "range", "help"}
        assert problem["path"] == str(tmp_path / "spin.toml")
        assert set(problem["range"]) == {"start", "end"}
    wrong = next(p for p in problems if p["code"] == "wrong-type")
    assert wrong["range"] == {
        "start": {"line": 1, "character": 23},
        "end": {"line": 1, "character": 24},
    }


def test_columns_are_utf16(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(CLEAN.replace('"/gone"', '"/𝄞", rout = "/x"'))
    (problem,) = json.loads(run("check", "--format", "json").stdout)
    assert problem["code"] == "unknown-field"
    line = CLEAN.splitlines()[2]
    assert problem["range"]["start"]["character"] == line.index('"/gone"') + len('"/𝄞", ') + 1


def test_nothing_to_check(run: Run, tmp_path: Path) -> None:
    result = run("check", "--format", "json")
    (problem,) = json.loads(result.stdout)
    assert (result.returncode, problem["code"]) == (2, "manifest-not-found")
    result = run("check", "no/such.toml")
    assert result.returncode == 2
    assert "No such file or directory 'no/such.toml'" in result.stdout


def test_the_runtime_configuration_is_checked_as_well(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(CLEAN)
    (tmp_path / "rc.toml").write_text("nonsense = 1\n")
    result = run("check", "--runtime-config-file", "rc.toml")
    assert result.returncode == 2
    assert "unknown field `nonsense`" in result.stdout


def test_version_1_is_remarked_on_with_its_text_in_version_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(
        '# mine\nspin_version = "1"\nname = "x"\ntrigger = { type = "http" }\n'
    )
    result = run("check", "--format", "json")
    assert result.returncode == 0
    [fix] = [p["fix"] for p in json.loads(result.stdout) if p["code"] == "manifest-version-1"]
    assert fix["safe"]
    (tmp_path / "spin.toml").write_text(fix["edits"][0]["newText"])
    assert (tmp_path / "spin.toml").read_text().startswith("# mine\nspin_manifest_version = 2\n")
    assert run("check").stdout.endswith("spin.toml: 1 warning\n")


def test_several_applications_at_once(run: Run, tmp_path: Path) -> None:
    for name in ("a", "b/c", "b/node_modules/d", "target/e"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "spin.toml").write_text(CLEAN)
    result = run("check", "a", "b/c/spin.toml", "a")
    assert result.stdout.splitlines() == [
        "a/spin.toml: no problems",
        "b/c/spin.toml: no problems",
        "2 applications: no problems",
    ]
    assert run("check", "--all").stdout == result.stdout
    assert run("check", "--all", "b", "--format", "json").stdout == "[]\n"
    (tmp_path / "b" / "c" / "spin.toml").write_text("x = ")
    assert run("check", "--all").returncode == 2
    assert run("check", "a", "missing").returncode == 2


def test_a_configuration_that_is_not_named_is_mentioned(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text(CLEAN)
    (tmp_path / "runtime-config.toml").write_text("nonsense = 1\n")
    result = run("check")
    assert (result.returncode, result.stdout) == (0, "spin.toml: no problems\n")
    assert "name it with `--runtime-config-file runtime-config.toml`" in result.stderr
    assert run("check", "--runtime-config-file", "runtime-config.toml").stderr == ""


def test_lines_fit_the_terminal() -> None:
    path, text = Path("/x/spin.toml"), 'description = "' + "a word, " * 30 + '"\n'
    for start in range(0, len(text), 7):
        for length in (1, 5, 200):
            span = Span(Position(0, start), Position(0, start + length))
            message = "words " * 40
            found = Diagnostic("code", Severity.ERROR, message, path, span, help=message)
            lines = render(found, source=lambda _: text, width=80).splitlines()
            assert max(map(len, lines)) <= 80
            line, carets = next(pair for pair in pairwise(lines) if "^" in pair[1])
            at = carets.index("^")
            assert line[at] in (text[start], "…")

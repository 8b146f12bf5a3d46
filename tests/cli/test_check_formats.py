"""The forms other programs read: SARIF and GitHub's workflow commands."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog
from tests.cli.harness import Run

from spindle.cli.check.github import workflow_command
from spindle.cli.check.sarif import sarif_log
from spindle.diagnostics import Diagnostic, Edit, Fix, Related, Severity
from spindle.text import Position, Span

ROOT = Path("/app")
PATH = ROOT / "a b" / "spin.toml"
SPAN = Span(Position(1, 7), Position(1, 13))
ACROSS = Span(Position(1, 7), Position(3, 0))
PROBLEM = Diagnostic(
    "some-code",
    Severity.ERROR,
    "50% is `ä`, wrong",
    PATH,
    SPAN,
    (Related("here too", Path("/other/x.toml"), SPAN),),
    "do this\nor that",
    Fix("Do it", (Edit(PATH, SPAN, "new"), Edit(PATH, ACROSS, ""))),
)


def test_sarif_is_of_its_schema_and_says_all() -> None:
    nowhere = Diagnostic("other", Severity.INFO, "m")
    whole = Diagnostic("some-code", Severity.WARNING, "m", PATH)
    log = json.loads(json.dumps(sarif_log([PROBLEM, nowhere, whole], ROOT)))
    SarifLog.model_validate(log)
    [run] = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["some-code", "other"]
    assert [r["level"] for r in run["results"]] == ["error", "note", "warning"]
    first = run["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20b/spin.toml", "uriBaseId": "ROOT"}
    assert place["region"] == {"startLine": 2, "startColumn": 8, "endLine": 2, "endColumn": 14}
    related = first["relatedLocations"][0]["physicalLocation"]["artifactLocation"]
    assert related == {"uri": "file:///other/x.toml"}
    [change] = first["fixes"][0]["artifactChanges"]
    assert [r["insertedContent"]["text"] for r in change["replacements"]] == ["new", ""]


def test_workflow_commands_escape() -> None:
    assert workflow_command(PROBLEM, ROOT) == (
        "::error file=a b/spin.toml,line=2,col=8,endColumn=13,endLine=2,title=some-code"
        "::50%25 is `ä`, wrong%0Ado this%0Aor that"
    )
    odd = Diagnostic("c", Severity.INFO, "a::b\r\n", Path("/app/a,b:c%/spin.toml"), ACROSS)
    assert workflow_command(odd, ROOT) == (
        "::notice file=a%2Cb%3Ac%25/spin.toml,line=2,endLine=4,title=c::a::b%0D%0A"
    )


def test_the_command_prints_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text('spin_manifest_version = "2"\n')
    (tmp_path / "empty").mkdir()
    result = run("check", ".", "empty", "--format", "sarif")
    assert result.returncode == 2
    log = json.loads(result.stdout)
    SarifLog.model_validate(log)
    codes = {found["ruleId"] for found in log["runs"][0]["results"]}
    assert codes >= {"manifest-version", "manifest-not-found"}
    result = run("check", "--format", "github")
    assert result.stdout.startswith("::error file=spin.toml,line=1,col=25,")


def test_rules_bring_their_pages() -> None:
    log = sarif_log([Diagnostic("unknown-field", Severity.ERROR, "m", PATH)], ROOT)
    [run] = json.loads(json.dumps(log))["runs"]
    [rule] = run["tool"]["driver"]["rules"]
    assert rule["help"]["markdown"].startswith("# `unknown-field`")

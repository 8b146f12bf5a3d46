import json
from pathlib import Path
from types import ModuleType

import click
import pytest
from tests.cli.harness import Run

from spindle.cli.root import run as run_command
from spindle.cli.verbs import VERBS, Verb


def test_help_lists_every_verb(run: Run) -> None:
    shown = run("--help")
    assert shown.returncode == 0
    for name, verb in VERBS.items():
        assert name in shown.stdout
        assert verb.help in shown.stdout


def test_without_arguments_the_help_goes_to_stderr_and_the_exit_code_says_usage(run: Run) -> None:
    shown = run()
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "Usage: spindle" in shown.stderr


@pytest.mark.parametrize("args", [["--version"], ["-V"]])
def test_version(run: Run, args: list[str]) -> None:
    shown = run(*args)
    assert shown.returncode == 0
    assert shown.stdout.startswith("spindle 0.")


def test_version_tells_what_matters_in_a_report(run: Run) -> None:
    versions = json.loads(run("version", "--format", "json").stdout)
    assert {"spindle", "wasmtime", "python", "platform"} <= set(versions)


@pytest.mark.parametrize(
    ("args", "message", "hint"),
    [
        (["nonsense"], "`nonsense` is not a spindle command", "see `spindle --help`"),
        (["biuld"], "`biuld` is not a spindle command", "did you mean `spindle build`?"),
        (["up", "--nope"], "no such option `--nope`", "see `spindle up --help`"),
        (["up", "foo"], "unexpected argument `foo`", "did you mean `spindle up -f foo`?"),
        (["build", "foo"], "unexpected argument `foo`", "did you mean `spindle build -f foo`?"),
        (["build", "--nope"], "no such option `--nope`", "see `spindle build --help`"),
        (["up", "-q", "--follow", "a"], "`--quiet` and `--follow` contradict each other", ""),
        (["up", "--tls-cert", "a.pem"], "`--tls-cert` and `--tls-key` go together", ""),
        (["up", "--log-dir", ""], "`--log-dir` needs a directory", '`--state-dir ""`'),
        (["up", "--listen", "nonsense"], "`nonsense` is not an address to listen on", ""),
        (["up", "--format", "yaml"], "`yaml` is not one of `plain`, `json`", ""),
        (["up", "--from-registry", "a"], "from registries can't be served yet", ""),
        (["up", "-e", "NOEQ"], "invalid value for `-e` / `--env`: `NOEQ`", ""),
        (["up", "--request-timeout", "8..1"], "the range is empty", ""),
        (["completion"], "missing argument `SHELL`. Choose from: bash, zsh, fish", ""),
    ],
)
def test_a_wrong_command_line_is_one_message_and_exit_code_2(
    run: Run, static_app: Path, args: list[str], message: str, hint: str
) -> None:
    shown = run(*args, cwd=static_app)
    assert (shown.returncode, shown.stdout) == (2, "")
    first, *rest = shown.stderr.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert hint in "\n".join(rest)
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(run: Run, shell: str) -> None:
    shown = run("completion", shell)
    assert shown.returncode == 0
    assert "_SPINDLE_COMPLETE" in shown.stdout


def test_completion_knows_verbs_and_options(run: Run) -> None:
    words = {"COMP_WORDS": "spindle u", "COMP_CWORD": "1", "_SPINDLE_COMPLETE": "bash_complete"}
    assert "plain,up" in run(env=words).stdout.split()
    words |= {"COMP_WORDS": "spindle up --find", "COMP_CWORD": "2"}
    assert "plain,--find-free-port" in run(env=words).stdout.split()


def test_a_verb_whose_extra_is_missing_says_what_to_install(
    capsys: pytest.CaptureFixture[str],
) -> None:
    verbs = {"paint": Verb("spindle_of_paint", "Paint", extra="tui")}
    assert run_command(["paint"], verbs) == 3
    shown = capsys.readouterr().err
    assert "`spindle paint` needs the `tui` extra: `spindle_of_paint` is not installed" in shown
    assert "pip install 'spindle[tui]'" in shown


def test_an_unforeseen_error_is_called_a_bug_and_shows_its_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("broken_verb")
    module.command = click.Command("break", callback=lambda: 1 / 0)  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(__import__("sys").modules, "broken_verb", module)
    assert run_command(["break"], {"break": Verb("broken_verb", "Break")}) == 1
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert "this is a bug in spindle: ZeroDivisionError" in shown


def test_an_interrupt_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    module = ModuleType("interrupted_verb")
    module.command = click.Command("wait", callback=interrupted)  # type: ignore[attr-defined]  # as above
    monkeypatch.setitem(__import__("sys").modules, "interrupted_verb", module)
    assert run_command(["wait"], {"wait": Verb("interrupted_verb", "Wait")}) == 130

"""Every verb of the command line is there, and explains itself."""

import click
import pytest

from spindle.cli.root import Root, run
from spindle.cli.verb_group import load_verb
from spindle.cli.verbs import VERBS

NAMES = [name for verb_name, verb in VERBS.items() for name in (verb_name, *verb.aliases)]


@pytest.mark.parametrize("name", NAMES)
def test_help_works(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    assert f"Usage: spindle {name} " in capsys.readouterr().out


@pytest.mark.parametrize("name", VERBS)
def test_options_explain_themselves(name: str) -> None:
    command = load_verb(name, VERBS[name])
    assert command.name == name
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    assert [o.name for o in options if not o.help] == []


def test_no_name_is_given_twice() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len(Root(VERBS).aliases) == len(NAMES) - len(VERBS)

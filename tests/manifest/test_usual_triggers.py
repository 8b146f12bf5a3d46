"""What a manifest of version 1 lacks of its triggers is added where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from spindle.fixes import repair
from spindle.manifest import read_manifest

PATH = Path("/app/spin.toml")
HEAD = 'spin_version = "1"  # mine\nname = "x"\n'
ALL = 'trigger = { type = "http" }\n'
COMPONENT = '[[component]]\nid = "c"\nsource = "c.wasm"\n'
CASES = [
    (HEAD + COMPONENT + 'trigger = { route = "/a" }\n', "/a"),
    (HEAD + ALL + COMPONENT, "/..."),
    (HEAD + ALL + COMPONENT + "trigger = {}\n", "/..."),
    (HEAD + ALL + COMPONENT + 'trigger = { executor = { type = "spin" } }\n', "/..."),
    (HEAD + ALL + COMPONENT + "[component.trigger] # why\n", "/..."),
    (HEAD + COMPONENT + "[component.trigger]", "/..."),
]


@pytest.mark.parametrize(("text", "route"), CASES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_triggers_are_added(text: str, route: str, ending: str) -> None:
    text = text.replace("\n", ending)
    repaired = repair({PATH: text}, lambda texts: read_manifest(PATH, texts[PATH])[1], unsafe=True)
    manifest, found = read_manifest(PATH, repaired.texts[PATH])
    assert found == ()
    assert manifest is not None
    [trigger] = manifest.triggers["http"]
    assert getattr(trigger, "route", None) == route
    assert "# mine" in repaired.texts[PATH]
    assert repaired.texts[PATH].count("\n") == repaired.texts[PATH].count(ending)


def test_routes_of_several_components_are_not_guessed() -> None:
    text = HEAD + COMPONENT + COMPONENT.replace('"c"', '"d"')
    fixes = [found.fix for found in read_manifest(PATH, text)[1] if found.fix]
    assert [fix.title for fix in fixes] == ['Add `trigger = { type = "http" }`']
    assert not any(fix.safe for fix in fixes)

"""Manifests of version 1: what they mean, and that the rewritten text means the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spindle.diagnostics import Fix, has_errors
from spindle.manifest import Manifest, read_manifest

PATH = Path("spin.toml")
CASES = Path(__file__).parent / "cases"
HEAD = 'spin_manifest_version = "1"\nname = "app"\ntrigger = { type = "http" }\n'
COMPONENT = '[[component]]\nid = "a"\nsource = "a.wasm"\ntrigger = { route = "/" }\n'
DATABASES = ("redis://*:*", "mysql://*:*", "postgres://*:*")


def _read(text: str) -> Manifest:
    manifest, found = read_manifest(PATH, text)
    assert manifest is not None
    assert not has_errors(found), found
    return manifest


def _fix(text: str) -> Fix | None:
    _, found = read_manifest(PATH, text)
    return next(problem.fix for problem in found if problem.code == "manifest-version-1")


def _rewritten(text: str) -> str:
    fix = _fix(text)
    assert fix is not None
    return fix.edits[0].new_text


@pytest.mark.parametrize(
    ("hosts", "allowed"),
    [
        ("", DATABASES),
        ("allowed_http_hosts = []", DATABASES),
        (
            'allowed_http_hosts = ["example.com"]',
            (*DATABASES, "http://example.com", "https://example.com"),
        ),
        ("allowed_outbound_hosts = []", ()),
        (
            'allowed_outbound_hosts = []\nallowed_http_hosts = ["example.com:8080"]',
            ("http://example.com:8080", "https://example.com:8080"),
        ),
        (
            'allowed_outbound_hosts = ["redis://a:1"]\nallowed_http_hosts = ["self"]',
            ("redis://a:1", "http://self"),
        ),
        (
            'allowed_outbound_hosts = []\nallowed_http_hosts = ["a/b", "insecure:allow-all"]',
            ("http://*:*", "https://*:*", "http://self"),
        ),
    ],
)
def test_hosts(hosts: str, allowed: tuple[str, ...]) -> None:
    text = f"{HEAD}{COMPONENT}{hosts}\n"
    assert _read(text).components["a"].allowed_outbound_hosts == allowed
    assert _read(_rewritten(text)).components["a"].allowed_outbound_hosts == allowed


@pytest.mark.parametrize(
    ("old", "new"),
    [("fine", "fine"), ("FINE", "FINE"), ("snake_case", "snake-case"), ("mixedCase", "mixedcase")],
)
def test_ids(old: str, new: str) -> None:
    manifest = _read(HEAD + COMPONENT.replace('"a"', f'"{old}"'))
    assert list(manifest.components) == [new]
    assert [(t.id, t.component) for _, t in manifest.all_triggers] == [(f"trigger-{new}", new)]


@pytest.mark.parametrize("key", ["spin_version", "spin_manifest_version"])
def test_version_by_either_name(key: str) -> None:
    assert _read(f'{key} = "1"\nname = "app"\ntrigger = {{ type = "redis" }}\n').triggers == {}


def test_variables_and_settings() -> None:
    manifest = _read(
        'spin_version = "1"\nname = "app"\n[trigger]\ntype = "redis"\naddress = "redis://a"\n'
        '[variables]\nv = { default = "x" }\n'
        '[[component]]\nid = "a"\nsource = "a.wasm"\nconfig = { c = "{{ v }}" }\n'
        'trigger = { channel = "news" }\n'
    )
    assert manifest.application.trigger == {"redis": {"address": "redis://a"}}
    assert manifest.components["a"].variables == {"c": "{{ v }}"}
    assert manifest.variables["v"].default == "x"
    assert [kind for kind, _ in manifest.all_triggers] == ["redis"]


REWRITTEN = {
    "everything": (
        (CASES / "version_1.toml").read_text(),
        (CASES / "version_1.v2").read_text(),
    ),
    "nothing": (
        'spin_version = "1"\nname = "app"\ntrigger = { type = "http" }\n',
        'spin_manifest_version = 2\n\n[application]\nname = "app"\n\n[trigger]\n',
    ),
    "the beginning stays": (
        '# licence\n\nname = "app"\nspin_version = "1"\ntrigger = { type = "http" }\n# end',
        '# licence\n\nspin_manifest_version = 2\n\n[application]\nname = "app"\n\n[trigger]\n# end',
    ),
    "dotted keys and quoted ones": (
        'spin_version = "1"\nname = "app"\ntrigger.type = "redis"\ntrigger.address = "redis://a"\n'
        'variables.v.default = "x"\n[[component]]\nid = "a"\nsource = "a.wasm"\n'
        'trigger.channel = "c"\nconfig.c = "{{ v }}"\nenvironment."a.b" = "1"\n'
        "allowed_outbound_hosts = []\n",
        "spin_manifest_version = 2\n\n[application]\n"
        'name = "app"\n\n[application.trigger.redis]\naddress = "redis://a"\n\n'
        '[variables]\nv.default = "x"\n\n[[trigger.redis]]\nchannel = "c"\ncomponent = "a"\n\n'
        '[component.a]\nsource = "a.wasm"\nenvironment."a.b" = "1"\nallowed_outbound_hosts = []\n\n'
        '[component.a.variables]\nc = "{{ v }}"\n',
    ),
    "tables apart": (
        'spin_version = "1"\nname = "app"\n# of all\n[trigger]\ntype = "http" # the type\n'
        '[[component]]\nid = "a"\n[component.source]\nurl = "u"\n'
        f'digest = "sha256:{"0" * 64}"\n[variables.v]\nrequired = true\n'
        '# where\n[component.trigger]\nroute = "/"\n',
        'spin_manifest_version = 2\n\n[application]\nname = "app"\n# of all\n# the type\n\n'
        '# where\n[[trigger.http]]\nroute = "/"\ncomponent = "a"\n\n[component.a]\n'
        "# Version 1 let every component connect to these; keep what is needed.\n"
        'allowed_outbound_hosts = ["redis://*:*", "mysql://*:*", "postgres://*:*"]\n\n'
        f'[component.a.source]\nurl = "u"\ndigest = "sha256:{"0" * 64}"\n\n'
        "[variables.v]\nrequired = true\n",
    ),
}


@pytest.mark.parametrize(("old", "new"), REWRITTEN.values(), ids=REWRITTEN)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rewritten(old: str, new: str, end: str) -> None:
    fix = _fix(old.replace("\n", end))
    assert fix is not None
    assert fix.edits[0].new_text == new.replace("\n", end)
    assert fix.safe


def test_a_lost_comment_makes_it_unsafe() -> None:
    fix = _fix(f'{HEAD}{COMPONENT}allowed_http_hosts = [\n  "a.example", # why\n]\n')
    assert fix is not None
    assert not fix.safe


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        HEAD + 'component = [{ id = "a", source = "a.wasm", trigger = { route = "/" } }]\n',
        HEAD + COMPONENT.replace('"a"', r'"\u0061"'),
        HEAD + COMPONENT + COMPONENT,
        HEAD + COMPONENT.replace('"/"', "7"),
    ],
)
def test_a_fix_means_the_same_or_there_is_none(text: str) -> None:
    fix = _fix(text)
    if fix is not None:
        old, new = _read(text), _read(fix.edits[0].new_text)
        assert (new.components, new.variables) == (old.components, old.variables)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_part_of_a_manifest_is_read(data: st.DataObject) -> None:
    lines = (CASES / "version_1.toml").read_text().splitlines()
    chosen = data.draw(st.lists(st.sampled_from(lines), max_size=30))
    text = "\n".join(['spin_version = "1"', *chosen])
    for problem in read_manifest(PATH, text)[1]:
        if problem.fix is not None and problem.code == "manifest-version-1":
            assert not has_errors(read_manifest(PATH, problem.fix.edits[0].new_text)[1])

"""`spindle allow`: a line more in a manifest, and nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from tests.cli.harness import Run

HEAD = """\
spin_manifest_version = 2

[application]
name = "app"

[[trigger.http]]
route = "/..."
component = "api"

"""


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        (
            '[component.api]\nsource = "a.wasm" # built\n',
            '[component.api]\nsource = "a.wasm" # built\n'
            'allowed_outbound_hosts = ["https://example.com"]\n',
        ),
        (
            '[component.api]\nallowed_outbound_hosts = []\nsource = "a.wasm"\n',
            '[component.api]\nallowed_outbound_hosts = ["https://example.com"]\n'
            'source = "a.wasm"\n',
        ),
        (
            "[component.api]\r\nsource = 'a.wasm'\r\n"
            "allowed_outbound_hosts = ['http://self']\r\n[component.api.variables]\r\n",
            "[component.api]\r\nsource = 'a.wasm'\r\n"
            "allowed_outbound_hosts = ['http://self', \"https://example.com\"]\r\n"
            "[component.api.variables]\r\n",
        ),
        (
            '[component.api]\nsource = "a.wasm"\nallowed_outbound_hosts = [\n'
            '  # ours\n  "http://a", # the first\n  "http://b", # the second\n  # no more\n]\n',
            '[component.api]\nsource = "a.wasm"\nallowed_outbound_hosts = [\n'
            '  # ours\n  "http://a", # the first\n  "http://b", # the second\n'
            '  "https://example.com",\n  # no more\n]\n',
        ),
        (
            '[component.api]\nsource = "a.wasm"\nallowed_outbound_hosts = [\n'
            '  "http://b" # the last\n]\n',
            '[component.api]\nsource = "a.wasm"\nallowed_outbound_hosts = [\n'
            '  "http://b", # the last\n  "https://example.com"\n]\n',
        ),
        (
            '[component]\napi = { source = "a.wasm" }\n',
            '[component]\napi = { source = "a.wasm", '
            'allowed_outbound_hosts = ["https://example.com"] }\n',
        ),
    ],
    ids=["no key", "empty", "other quotes and line ends", "comments", "last comment", "inline"],
)
def test_what_is_added(run: Run, tmp_path: Path, component: str, expected: str) -> None:
    manifest = tmp_path / "spin.toml"
    manifest.write_bytes((HEAD + component).encode())
    done = run("allow", "api", "https://example.com")
    assert done.returncode == 0, done.stderr
    assert manifest.read_bytes().decode() == HEAD + expected


def test_a_component_within_its_trigger(run: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "spin.toml"
    text = HEAD.replace('component = "api"', 'component = { source = "a.wasm" }')
    manifest.write_text(text)
    done = run("allow", "http-trigger1-component", "redis://localhost")
    assert done.returncode == 0, done.stderr
    (trigger,) = tomllib.loads(manifest.read_text())["trigger"]["http"]
    assert trigger["component"]["allowed_outbound_hosts"] == ["redis://localhost"]


VERSION_1 = """\
spin_manifest_version = "1"
name = "app"
trigger = { type = "http" }

[[component]]
id = "api"
source = "a.wasm"
allowed_http_hosts = ["example.com"]
[component.trigger]
route = "/..."
"""


def test_version_1_keeps_what_it_allows_unsaid(run: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "spin.toml"
    manifest.write_text(VERSION_1)
    assert run("allow", "api", "https://example.org").returncode == 0
    (component,) = tomllib.loads(manifest.read_text())["component"]
    assert component["allowed_http_hosts"] == ["example.com"]
    assert component["allowed_outbound_hosts"] == [
        "redis://*:*",
        "mysql://*:*",
        "postgres://*:*",
        "https://example.org",
    ]
    again = run("allow", "api", "https://example.com")
    assert "already" in again.stderr


def test_what_is_allowed_already_is_said(run: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "spin.toml"
    text = HEAD + (
        '[component.api]\nsource = "a.wasm"\n'
        'allowed_outbound_hosts = ["https://*.example.com", "tcp://10.0.0.0/8:1..9", "*://self:*"]\n'
    )
    manifest.write_text(text)
    for host, by in (
        ("https://*.example.com", ""),
        ("https://api.example.com", " by `https://*.example.com`"),
        ("tcp://10.1.2.3:5", " by `tcp://10.0.0.0/8:1..9`"),
        ("http://self", " by `*://self:*`"),
    ):
        done = run("allow", "api", host)
        assert done.stderr.endswith(f"may connect to `{host}` already{by}\n")
    assert manifest.read_text() == text


def test_the_change_can_be_shown_instead(run: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "spin.toml"
    manifest.write_text(HEAD + '[component.api]\nsource = "a.wasm"\n')
    before = manifest.read_text()
    done = run("allow", "api", "https://a", "mysql://b", "--diff")
    assert done.returncode == 0
    assert '+allowed_outbound_hosts = ["https://a", "mysql://b"]' in done.stdout
    assert "may connect" not in done.stdout + done.stderr
    assert manifest.read_text() == before


def test_nothing_is_said_of_hosts_before_all_of_them_can_be_allowed(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "spin.toml").write_text(HEAD + '[component.api]\nsource = "a.wasm"\n')
    done = run("allow", "api", "https://a", "b")
    assert done.returncode == 2
    assert "may connect" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["api", "example.com"], "does not contain a scheme"),
        (["api", "https://{{ host"], "unmatched '{{' in template"),
        (["apj", "https://a"], "did you mean `api`?"),
        (["api", "http://apx.spin.internal"], "did you mean `http://api.spin.internal`?"),
        (["api"], "missing argument `HOST...`"),
    ],
)
def test_what_can_not_be_allowed(run: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    manifest = tmp_path / "spin.toml"
    manifest.write_text(HEAD + '[component.api]\nsource = "a.wasm"\n')
    before = manifest.read_text()
    done = run("allow", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert manifest.read_text() == before

"""The real `spindle up` with dependencies and middleware of one manifest."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import SPINDLE, Host

import spindle
from spindle.component.cache_files import cache_root
from spindle.replay import KeptBuilds

MANIFEST = """
spin_manifest_version = 2
[application]
name = "composed"
[variables]
word = {{ default = "hello" }}

[[trigger.http]]
id = "plain"
route = "/plain/..."
component = "main"
[[trigger.http]]
id = "marked"
route = "/..."
component = "main"
dependencies.middleware = [
  {{ component = "mark", inherit_configuration = ["environment"] }},
  {{ path = "{middleware}" }},
]
[[trigger.http]]
route = "/ask/environment/:name"
component = "all"

[[trigger.http]]
route = "/cgi"
component = "cgi"
executor = {{ type = "wagi" }}

[component.cgi]
source = "{commander}"
environment = {{ NAME = "cyd" }}
variables = {{ greeting = "{{{{ word }}}}" }}
[component.cgi.dependencies]
"guests:library" = {{ component = "library", inherit_configuration = ["variables"] }}

[component.main]
source = "{consumer}"
environment = {{ NAME = "ann" }}
variables = {{ greeting = "{{{{ word }}}}" }}
key_value_stores = ["default"]
files = ["spin.toml"]
allowed_outbound_hosts = ["http://self"]
[component.main.dependencies]
"guests:library" = {{ component = "library", inherit_configuration = ["key_value_stores"] }}

[component.all]
source = "{consumer}"
environment = {{ NAME = "bob" }}
dependencies_inherit_configuration = true
[component.all.dependencies]
"guests:library" = {{ path = "{library}" }}

[component."library"]
source = "{library}"
[component.mark]
source = "{middleware}"
"""


@pytest.fixture(scope="module")
def application(guest: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("composed")
    names = ("commander", "consumer", "library", "middleware")
    for name in names:
        (root / f"{name}.wasm").write_bytes(guest(name).read_bytes())
    text = MANIFEST.format(**{name: f"{name}.wasm" for name in names})
    (root / "spin.toml").write_text(text)
    return root


@pytest.fixture(scope="module")
def host(up: Callable[..., Host], application: Path) -> Host:
    return up(application)


def test_only_the_trigger_with_middleware_passes_it(host: Host) -> None:
    assert host.get("/plain").headers.get("x-passed") is None
    assert host.get("/anything").headers["x-passed"] == "nobody;ann;"
    assert host.get("/forbidden").status == 403


def test_a_dependency_may_do_what_it_inherits(host: Host) -> None:
    assert host.get("/ask/store/default").text == "opened"
    assert "NoSuchStore" not in host.get("/ask/store/other").text
    assert "Undefined" in host.get("/ask/variable/greeting").text
    assert "spin_manifest" not in host.get("/ask/file/spin.toml").text


def test_all_dependencies_inherit_if_the_component_says_so(host: Host) -> None:
    assert host.get("/ask/environment/NAME").text == "bob"


def test_a_command_may_have_dependencies(host: Host) -> None:
    assert host.get("/cgi?shout&hi").text == "HI!\n"
    assert host.get("/cgi?ask&variable&greeting").text == "hello\n"
    assert host.get("/cgi?ask&environment&NAME").text == "environment variable not found\n"


def test_a_refused_connection_names_the_dependency(host: Host) -> None:
    assert "Denied" in host.get("/ask/get/example.com").text
    assert "`guests:library` in component `main-for-marked` may not connect" in host.output()


def test_a_failure_names_the_dependency(host: Host) -> None:
    assert host.get("/fail").status == 500
    assert host.tells("in: dependency `guests:library`, component `main-for-marked`, export `")


def test_copies_of_a_component_are_named_for_their_trigger(host: Host) -> None:
    assert "main-for-marked: http://" in host.output()


def test_builds_are_kept_with_what_is_composed(application: Path) -> None:
    with spindle.open(application):
        pass
    builds = KeptBuilds(cache_root() / "builds", application / "spin.toml")
    for component in ("main", "main-for-marked", "all", "cgi"):
        (build,) = builds.of(component)
        files = [path.read_bytes() for path in build.files]
        own = "commander.wasm" if component == "cgi" else "consumer.wasm"
        assert files == [(application / name).read_bytes() for name in (own, "library.wasm")]


def test_what_does_not_fit_keeps_the_application_from_starting(application: Path) -> None:
    broken = application / "broken.toml"
    text = (application / "spin.toml").read_text()
    broken.write_text(text.replace('"guests:library" =', '"guests:books" ='))
    command: list[str | Path] = [
        SPINDLE,
        "up",
        "-f",
        broken,
        "--state-dir",
        "",
        "--listen",
        "127.0.0.1:0",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "dependency `guests:books` doesn't match any import of" in done.stderr
    assert "Traceback" not in done.stderr

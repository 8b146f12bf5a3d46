"""Finding an application and loading it with a command line's options."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from spindle.app import HttpTrigger, LocalSource, RedisTrigger, WagiExecutor
from spindle.checks import Subject, unresolved_variables
from spindle.diagnostics import Diagnostic
from spindle.loader import Located, Options, load, load_app, locate
from spindle.runtime_config import load_runtime_config

MANIFEST = """
spin_manifest_version = 2

[application]
name = "shop"

[application.tool.spindle]
max_handles = 4

[variables]
key = { required = true }

[[trigger.http]]
route = "/a/:id"
component = "a"
executor = { type = "wagi", argv = "x ${ARGS}" }

[[trigger.http]]
route = { private = true }
component = "b"

[[trigger.http]]
route = "/gone"
static_response = { status_code = 410, body = "gone" }

[[trigger.redis]]
address = "redis://localhost"
channel = "c"
component = "b"

[component.a]
source = "app.wasm"
environment = { LEVEL = "1", OTHER = "2" }
allowed_http_hosts = ["example.com:8080"]

[component.b]
source = "app.wasm"
key_value_stores = ["cache"]

[component.b.build]
command = ["one", "two"]
workdir = "sub"

[component.b.tool.spindle]
max_handles = 1

[component.b.profile.debug]
source = "debug.wasm"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "spin.toml").write_text(MANIFEST)
    (tmp_path / "sub").mkdir()
    for name in ("app.wasm", "debug.wasm"):
        (tmp_path / name).write_bytes(b"\0asm\x01\0\0\0")
    return tmp_path


def test_an_application(root: Path) -> None:
    app, _ = load_app(root)
    assert app is not None
    assert (app.name, app.root, app.manifest_path) == ("shop", root, root / "spin.toml")
    assert app.tool == {"spindle": {"max_handles": 4}}
    wagi, private, static = app.http_triggers
    assert wagi.route is not None
    assert (wagi.route.raw, wagi.executor) == ("/a/:id", WagiExecutor("x ${ARGS}"))
    assert (private.route, private.component) == (None, "b")
    assert static.component is None
    assert static.static_response is not None
    assert static.static_response.status_code == 410
    (redis,) = app.redis_triggers
    assert (redis.channel, redis.address) == ("c", "redis://localhost")
    a, b = app.components.values()
    assert a.source == LocalSource(root / "app.wasm")
    assert a.allowed_outbound_hosts == ("http://example.com:8080", "https://example.com:8080")
    assert b.build is not None
    assert (b.build.commands, b.build.workdir) == (("one", "two"), root / "sub")
    assert b.tool == {"spindle": {"max_handles": 1}}
    assert app.trigger_types == ("http", "redis")


def test_an_application_can_be_pickled(root: Path) -> None:
    app, _ = load_app(root)
    assert pickle.loads(pickle.dumps(app)) == app


def test_a_profile_overrides(root: Path) -> None:
    app, _ = load_app(root, Options(profile="debug"))
    assert app is not None
    assert app.components["b"].source == LocalSource(root / "debug.wasm")
    assert app.components["a"].source == LocalSource(root / "app.wasm")


def test_an_undefined_profile_is_an_error(root: Path) -> None:
    app, diagnostics = load_app(root, Options(profile="debgu"))
    assert app is None
    problem = next(d for d in diagnostics if d.code == "undefined-profile")
    assert problem.message == "Profile debgu is not defined in this application"
    assert problem.help == "did you mean `debug`?"


def test_environment_of_the_command_line_wins(root: Path) -> None:
    app, _ = load_app(root, Options(environment={"LEVEL": "9", "NEW": "n"}))
    assert app is not None
    assert app.components["a"].environment == {"LEVEL": "9", "OTHER": "2", "NEW": "n"}
    assert app.components["b"].environment == {"LEVEL": "9", "NEW": "n"}


def test_selected_components_keep_their_triggers(root: Path) -> None:
    app, _ = load_app(root, Options(components=("b",)))
    assert app is not None
    assert list(app.components) == ["b"]
    assert [type(trigger) for trigger in app.triggers] == [HttpTrigger, RedisTrigger]


def test_selecting_an_unknown_component_is_an_error(root: Path) -> None:
    app, diagnostics = load_app(root, Options(components=("b", "nope")))
    assert app is None
    assert diagnostics[-1].message == 'Specified component "nope" not found in application'


def test_sources_may_be_missing_before_a_build(root: Path) -> None:
    (root / "app.wasm").unlink()
    assert load_app(root)[0] is None
    app, _ = load_app(root, Options(check_files=False))
    assert app is not None


def test_labels_are_checked_against_a_known_runtime_config(root: Path) -> None:
    config, _ = load_runtime_config(None)
    diagnostics = load(root, Options(runtime_config=config)).diagnostics
    assert "undefined-label" in [d.code for d in diagnostics]


def test_unresolved_variables_are_told_where_they_are_declared(root: Path) -> None:
    loaded = load(root)
    assert loaded.manifest is not None
    (problem,) = unresolved_variables(Subject(loaded.manifest, root), ["key"])
    assert problem.span is not None
    assert problem.span.start.line == 10
    assert "SPIN_VARIABLE_KEY" in (problem.help or "")


def test_text_of_an_editor_stands_in_for_the_file(root: Path) -> None:
    loaded = load(root / "spin.toml", text=MANIFEST.replace('"shop"', '"other"'))
    assert loaded.app is not None
    assert loaded.app.name == "other"


@pytest.mark.parametrize("name", ["thing.wasm", "thing.wat"])
def test_a_bare_wasm_file_answers_everything(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\0asm\x01\0\0\0")
    app, diagnostics = load_app(tmp_path / name, Options(environment={"A": "1"}))
    assert diagnostics == ()
    assert app is not None
    assert (app.name, app.manifest_path) == ("thing", None)
    (trigger,) = app.http_triggers
    assert trigger.route is not None
    assert trigger.route.raw == "/..."
    assert app.components["http-trigger1-component"].environment == {"A": "1"}


def test_a_manifest_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_bytes(b"name = \xff\xfe")
    app, (problem,) = load_app(tmp_path)
    assert app is None
    assert problem.code == "manifest-encoding"


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_manifest_is_found_above(root: Path, depth: int) -> None:
    below = root.joinpath(*["d"] * depth)
    below.mkdir(parents=True, exist_ok=True)
    assert locate(start=below) == Located(root / "spin.toml", depth)


def test_the_search_ends_at_the_root_of_a_repository(root: Path) -> None:
    (root / "d" / ".git").mkdir(parents=True)
    (root / "d" / "e").mkdir()
    assert isinstance(locate(start=root / "d" / "e"), Diagnostic)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nothing", "No such file or directory 'nothing'"),
        ("sub", "Directory sub does not contain a file named 'spin.toml'"),
    ],
)
def test_what_is_not_there(root: Path, given: str, message: str) -> None:
    problem = locate(Path(given), start=root)
    assert isinstance(problem, Diagnostic)
    assert (problem.code, problem.message) == ("manifest-not-found", message)
    assert problem.help

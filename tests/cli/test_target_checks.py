"""Builds whose components must be able to run in an environment."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.harness import Run
from wasmtime import wat2wasm

P2 = "wasi:http/incoming-handler@0.2.0"
P3 = "wasi:http/handler@0.3.0"
LAST = (
    "All components built successfully, but one or more was incompatible with one or more of the "
    "deployment targets."
)
WIT = "package a:b@1.0.0;\nworld w { import need; export wasi:http/handler@0.3.0; }\n"
ENCODED = f"""(component
  (type $w (component
    (type (component (export "{P3}" (instance))))
    (export "a:b/w@1.0.0" (component (type 0)))))
  (export "w" (type $w)))"""
DEFINITION = '[triggers]\nhttp = { worlds = [{ path = "wit", world = "a:b/w@1.0.0" }] }\n'
OURS = 'targets = [{ path = "ours.toml" }]'


def wasm(imports: tuple[str, ...], export: str) -> bytes:
    lines = [f'(import "{name}" (instance))' for name in imports]
    return bytes(
        wat2wasm(f'(component {" ".join(lines)} (instance $i) (export "{export}" (instance $i)))')
    )


def write(app: Path, targets: str, more: str = "", triggers: str = "") -> Path:
    app.mkdir(exist_ok=True)
    (app / "c.wasm").write_bytes(wasm(("a:b/need@1.0.0",), P3))
    (app / "wit").mkdir(exist_ok=True)
    (app / "wit" / "w.wit").write_text(WIT)
    (app / "ours.toml").write_text(DEFINITION)
    (app / "spin.toml").write_text(
        f'spin_manifest_version = 2\n[application]\nname = "a"\n{targets}\n'
        f'[[trigger.http]]\nroute = "/..."\ncomponent = "c"\n{triggers}'
        f'[component.c]\nsource = "c.wasm"\n{more}\n[component.c.build]\ncommand = "true"\n'
    )
    return app


CASES = [
    ("it fits", OURS, "", "", ""),
    (
        "Spin's own",
        'targets = ["spin-up:3.2"]',
        "",
        "",
        'Component c (file "c.wasm") can\'t run in environment spin-up@3.2 (world '
        "spin:up/http-trigger@3.2.0).\nThe component requires the following imports, which the "
        "environment does not provide:\n  - a:b/need@1.0.0\nThe environment requires the following "
        f"exports, which the component does not provide:\n  - {P2} (instance)\n{LAST}",
    ),
    ("of its own instead", 'targets = ["spin-up:3.2"]', OURS, "", ""),
    ("none of its own", 'targets = ["spin-up:3.2"]', "targets = []", "", ""),
    (
        "another trigger",
        OURS,
        "",
        '[[trigger.redis]]\nchannel = "x"\naddress = "redis://localhost"\ncomponent = "c"\n',
        f"Environment ours does not support trigger type redis\n{LAST}",
    ),
    (
        "service chaining",
        OURS,
        'allowed_outbound_hosts = ["http://c.spin.internal"]',
        "",
        "Component c can't run in environment ours because it requires the feature(s) "
        f"'local_service_chaining' which the environment does not support\n{LAST}",
    ),
]


@pytest.mark.parametrize(
    ("targets", "more", "triggers", "problem"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_targets_are_checked_after_a_build(
    run: Run, tmp_path: Path, targets: str, more: str, triggers: str, problem: str
) -> None:
    app = write(tmp_path / "app", targets, more, triggers)
    shown = run("build", cwd=app)
    assert "Finished building" in shown.stdout
    help_text = "  help: `--skip-target-checks` builds without comparing them\n"
    expected = f"error: {problem}\n{help_text}" if problem else ""
    assert (shown.returncode, shown.stderr) == (1 if problem else 0, expected)
    assert run("build", "--skip-target-checks", cwd=app).returncode == 0


def test_what_is_not_known_is_a_warning(run: Run, tmp_path: Path) -> None:
    shown = run("build", cwd=write(tmp_path / "app", 'targets = ["nowhere"]'))
    assert shown.returncode == 0
    assert shown.stderr.startswith("warning: nothing is known here of the target environment")


def test_a_definition_that_is_not_there(run: Run, tmp_path: Path) -> None:
    shown = run("build", cwd=write(tmp_path / "app", 'targets = [{ path = "none.toml" }]'))
    assert shown.returncode == 2
    assert "`none.toml` can't be read: no such file or directory" in shown.stderr


def test_a_wasm_that_is_none(run: Run, tmp_path: Path) -> None:
    app = write(tmp_path / "app", OURS)
    (app / "c.wasm").write_bytes(b"junk")
    shown = run("build", cwd=app)
    assert shown.returncode == 0
    assert "component `c` can't be checked against its targets" in shown.stderr


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The URL of a folder, and the folder."""
    root = tmp_path / "served"
    root.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(root))  # type: ignore[arg-type]  # as it is given

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", root
        server.shutdown()


def test_a_definition_behind_a_url_and_without_it(
    run: Run,
    tmp_path: Path,
    served: tuple[str, Path],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, folder = served
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    app = write(tmp_path / "app", f'targets = [{{ url = "{url}/theirs.toml" }}]')
    shown = run("build", cwd=app)
    assert shown.returncode == 3
    assert "theirs.toml fails: the server answers 404" in shown.stderr
    (folder / "theirs.toml").write_text(
        '[triggers]\nhttp = { worlds = ["spin:up/platform@4.1.0"] }'
    )
    assert "can't run in environment theirs" in run("build", cwd=app).stderr
    (folder / "theirs.toml").unlink()
    shown = run("build", cwd=app)
    assert "the definition fetched before is used" in shown.stderr
    assert "can't run in environment theirs" in shown.stderr


def test_a_world_in_a_registry(run: Run, tmp_path: Path, environment: dict[str, str]) -> None:
    environment |= {"XDG_CACHE_HOME": str(tmp_path / "k"), "XDG_CONFIG_HOME": str(tmp_path)}
    package = tmp_path / "packages" / "a" / "b"
    package.mkdir(parents=True)
    (package / "1.0.0.wasm").write_bytes(bytes(wat2wasm(ENCODED)))
    (tmp_path / "wasm-pkg").mkdir()
    (tmp_path / "wasm-pkg" / "config.toml").write_text(
        f'[registry."r.example".local]\nroot = "{tmp_path / "packages"}"\n'
    )
    app = write(tmp_path / "app", OURS)
    world = '{ registry = "r.example", world = "a:b/w@1.0.0" }'
    (app / "ours.toml").write_text(f"triggers.http = {{ worlds = [{world}] }}")
    shown = run("build", cwd=app)
    assert "environment ours (world a:b/w@1.0.0)" in shown.stderr
    assert "  - wasi:http/handler@0.3.0" not in shown.stderr
    assert "  - a:b/need@1.0.0\n" in shown.stderr


def test_known_ones_are_listed(run: Run) -> None:
    assert "spin-up@4.1\n" in run("targets", "list").stdout


def test_what_shows_while_the_manifest_is_written(run: Run, tmp_path: Path) -> None:
    app = write(tmp_path / "app", 'targets = ["spin-up:3.2"]')
    shown = run("check", cwd=app)
    assert "warning[target-mismatch]: the component `c` can't run in `spin-up@3.2`" in shown.stdout
    assert "target-mismatch" not in run("check", cwd=write(app, OURS)).stdout

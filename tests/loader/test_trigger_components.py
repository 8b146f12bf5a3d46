"""Components copied for triggers that put middleware around them."""

from __future__ import annotations

from pathlib import Path

from spindle.app import App
from spindle.loader import Options, load_app

MIDDLEWARE = 'dependencies.middleware = [{ component = "auth" }, { path = "app.wasm" }]'


def loaded(tmp_path: Path, *triggers: str, options: Options | None = None) -> App:
    lines = ["spin_manifest_version = 2", '[application]\nname = "a"']
    for number, keys in enumerate(triggers):
        lines += ["[[trigger.http]]", f'id = "t{number}"\nroute = "/{number}"', keys]
    for id_ in ("c", "auth"):
        lines += [f"[component.{id_}]", 'source = "app.wasm"']
    (tmp_path / "spin.toml").write_text("\n".join(lines))
    (tmp_path / "app.wasm").write_bytes(b"\0asm")
    app, diagnostics = load_app(tmp_path, options or Options())
    assert app is not None, diagnostics
    return app


def test_the_only_trigger_keeps_its_component(tmp_path: Path) -> None:
    app = loaded(tmp_path, f'component = "c"\n{MIDDLEWARE}')
    assert list(app.components) == ["c", "auth"]
    assert [middleware.name for middleware in app.middleware_of("c")] == ["auth", "app"]
    assert app.middleware_of("auth") == ()


def test_triggers_with_middleware_get_copies(tmp_path: Path) -> None:
    app = loaded(
        tmp_path,
        'component = "c"',
        f'component = "c"\n{MIDDLEWARE}',
        f'component = "c"\n{MIDDLEWARE}',
    )
    assert [trigger.component for trigger in app.triggers] == ["c", "c-for-t1", "c-for-t2"]
    assert list(app.components) == ["c", "auth", "c-for-t1", "c-for-t2"]
    assert app.components["c-for-t1"] == app.components["c"]._replace(id="c-for-t1")
    assert len(app.middleware_of("c-for-t1")) == 2
    assert app.middleware_of("c") == ()


def test_only_triggers_that_are_kept_count(tmp_path: Path) -> None:
    triggers = (f'component = "c"\n{MIDDLEWARE}', 'component = "auth"')
    app = loaded(tmp_path, *triggers, options=Options(components=("c",)))
    assert [trigger.component for trigger in app.triggers] == ["c"]

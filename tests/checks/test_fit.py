"""Dependencies and middleware that don't fit the components they are for."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import built

from spindle.diagnostics import Diagnostic
from spindle.loader import Options, load

HEAD = 'spin_manifest_version = 2\n\n[application]\nname = "a"\n'


def problems(root: Path, text: str) -> list[Diagnostic]:
    """The errors in a manifest whose components are files beside it."""
    for name in ("consumer", "library", "middleware", "rust-p2", "wagi"):
        (root / f"{name}.wasm").write_bytes(built(name).read_bytes())
    (root / "service.wasm").write_bytes(built("wat/hello").read_bytes())
    manifest = root / "spin.toml"
    manifest.write_text(HEAD + text)
    loaded = load(manifest, Options(read_wasm=True))
    return [d for d in loaded.diagnostics if d.severity.value == "error"]


def depending(dependencies: str) -> str:
    return (
        '[[trigger.http]]\nroute = "/..."\ncomponent = "c"\n'
        '[component.c]\nsource = "consumer.wasm"\n[component.c.dependencies]\n' + dependencies
    )


def around(component: str, middleware: str) -> str:
    return (
        f'[[trigger.http]]\nroute = "/..."\ncomponent = "c"\n'
        f'dependencies.middleware = [{{ path = "{middleware}.wasm" }}]\n'
        f'[component.c]\nsource = "{component}.wasm"\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        depending('"guests:library" = { path = "library.wasm" }'),
        depending('"guests:library@1.2.0" = { path = "library.wasm" }'),
        depending(
            '"guests:library/text" = { path = "library.wasm", '
            'export = "guests:library/text@1.2.0" }'
        ),
        depending('"guests:library/text@1.2.0" = ">=1.0"'),
        depending('"guests:library" = { path = "wagi.wasm" }'),
        around("service", "middleware"),
        around("middleware", "middleware"),
    ],
)
def test_what_fits(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "code", "where", "help_text"),
    [
        (
            depending('"guests:librarian" = { path = "library.wasm" }'),
            "unmatched-dependency",
            '"guests:librarian"',
            "it imports",
        ),
        (
            depending('"guests:library@2.0.0" = ">=2"'),
            "unmatched-dependency",
            '"guests:library@2.0.0"',
            "guests:library/text@1.2.0",
        ),
        (
            depending(
                '"guests:library/text" = { path = "library.wasm" }\n'
                '"guests:library/text@1.2.0" = { path = "library.wasm" }'
            ),
            "ambiguous-dependency",
            '"guests:library/text@1.2.0"',
            "name an interface",
        ),
        (
            depending('"guests:library" = { path = "service.wasm" }'),
            "missing-export",
            '"guests:library"',
            "it exports `wasi:http/handler@0.3.0`",
        ),
        (
            depending('"guests:library/text" = { path = "library.wasm", export = "text" }'),
            "missing-export",
            "export",
            "it exports",
        ),
        (around("service", "service"), "not-middleware", "{ path", "wasi:http/middleware"),
        (around("rust-p2", "middleware"), "not-middleware", '"c"', "newer SDK"),
    ],
)
def test_what_does_not_fit(
    tmp_path: Path, text: str, code: str, where: str, help_text: str
) -> None:
    found = [d for d in problems(tmp_path, text) if d.code != "conflicting-dependencies"]
    assert [problem.code for problem in found] == [code]
    (problem,) = found
    assert problem.span is not None
    line = (HEAD + text).split("\n")[problem.span.start.line]
    assert line[problem.span.start.character :].startswith(where)
    assert help_text in (problem.help or "")


def test_wasm_is_left_alone_unless_asked(tmp_path: Path) -> None:
    problems(tmp_path, depending('"other:thing" = { path = "library.wasm" }'))
    assert load(tmp_path / "spin.toml").app is not None

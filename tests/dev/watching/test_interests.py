"""Which files of an application matter, and for what."""

from pathlib import Path

import pytest

from spindle.dev.watching import Kind, inferred_inputs, interests_of
from spindle.dev.watching.ignored import is_ignored
from spindle.manifest import read_manifest

MANIFEST = """
spin_manifest_version = 2
application.name = "shop"

[[trigger.http]]
route = "/..."
component = "front"

[component.front]
source = "front/target/wasm32-wasip2/release/front.wasm"
files = ["assets", { source = "logo.svg", destination = "/logo.svg" }, "pages/**/*.html"]
build.command = "cargo build --target wasm32-wasip2 --release"
build.workdir = "front"

[component.back]
source = "back/app.wasm"
build.command = ["componentize-py -w http componentize app -o app.wasm"]
build.workdir = "back"
build.watch = ["**/*.py"]
[component.back.dependencies]
"shop:prices/prices" = { path = "prices.wasm" }
"""


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("spin.toml", [(Kind.MANIFEST, None)]),
        ("config/runtime.toml", [(Kind.CONFIGURATION, None)]),
        ("front/src/lib.rs", [(Kind.SOURCES, "front")]),
        ("front/src/deep/mod.rs", [(Kind.SOURCES, "front")]),
        ("front/Cargo.toml", [(Kind.SOURCES, "front")]),
        ("front/README.md", []),
        ("front/target/debug/build.rs", []),
        ("front/target/wasm32-wasip2/release/front.wasm", [(Kind.ARTEFACT, "front")]),
        ("assets/site/app.css", [(Kind.FILES, "front")]),
        ("assets/site/app.css~", []),
        ("logo.svg", [(Kind.FILES, "front")]),
        ("pages/a/b.html", [(Kind.FILES, "front")]),
        ("pages/a/b.css", []),
        ("back/app.py", [(Kind.SOURCES, "back")]),
        ("back/pkg/mod.py", [(Kind.SOURCES, "back")]),
        ("back/.venv/lib/mod.py", []),
        ("back/app.wasm", [(Kind.ARTEFACT, "back")]),
        ("prices.wasm", [(Kind.ARTEFACT, "back")]),
        ("elsewhere.py", []),
    ],
)
def test_each_file_is_what_the_manifest_makes_of_it(
    tmp_path: Path, path: str, what: list[tuple[Kind, str | None]]
) -> None:
    (tmp_path / "assets").mkdir()
    manifest, problems = read_manifest(tmp_path / "spin.toml", MANIFEST)
    assert manifest is not None
    assert not problems
    interests = interests_of(manifest, tmp_path, [tmp_path / "config" / "runtime.toml"])
    assert [(i.kind, i.component) for i in interests if i.has(str(tmp_path / path))] == what


@pytest.mark.parametrize(
    ("command", "some"),
    [
        ("cargo build --release", "src/**/*"),
        ("npm run build", "package.json"),
        ("python3 ../with_tools.py componentize-py -w http componentize app", "**/*.py"),
        ("tinygo build -o main.wasm .", "**/*.go"),
        ("make", "**/*.c"),
        ("./build.sh", "**/*"),
    ],
)
def test_tools_have_their_habits(command: str, some: str) -> None:
    assert some in inferred_inputs((command,))


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("app.py", False),
        (".env", False),
        ("src/.hidden/app.py", False),
        (".app.py.swp", True),
        (".#app.py", True),
        ("#app.py#", True),
        ("4913", True),
        ("app.py___jb_tmp___", True),
        ("deep/node_modules/x/index.js", True),
        ("src/precompiled-source.js", True),
        ("src/index.js.buildData.json", True),
        ("targets/app.py", False),
    ],
)
def test_leftovers_are_known_by_their_names(path: str, ignored: bool) -> None:
    assert is_ignored(path) is ignored

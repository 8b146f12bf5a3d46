"""An application that is served in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import spindle
from spindle.door import EmbeddedApp

MANIFEST = """\
spin_manifest_version = 2
[application]
name = "within"
version = "1.0.0"
[variables]
greeting = {{ default = "Hello" }}
[[trigger.http]]
route = "/fixed"
component = ""
static_response = {{ status_code = 418, headers = {{ x-fixed = "yes" }}, body = "a teapot" }}
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = "{wasm}"
key_value_stores = ["default"]
sqlite_databases = ["default"]
[component.guest.variables]
greeting = "{{{{ greeting }}}}"
"""


@pytest.fixture(scope="package")
def manifest(guest: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application of the test guest in Python."""
    path = tmp_path_factory.mktemp("app") / "spin.toml"
    text = MANIFEST.format(wasm=guest("python").as_posix()).replace('component = ""\n', "")
    path.write_text(text)
    return path


@pytest.fixture(scope="package")
def app(manifest: Path) -> Iterator[EmbeddedApp]:
    """It, served."""
    with spindle.open(manifest, variables={"greeting": "Salut"}) as served:
        yield served

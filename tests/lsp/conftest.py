"""A client to talk to the server with, and an application to talk about."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lsp.conversation import Conversation, conversation
from wasmtime import wat2wasm

MANIFEST = """\
spin_manifest_version = 2

[application]
name = "shop"
version = "1.0.0"

[[trigger.http]]
route = "/cart/..."
component = "cart"

[component.cart]
source = "cart.wasm"
key_value_stores = ["default"]
"""

WAT = """
(component
  (import "fermyon:spin/key-value@2.0.0" (instance))
  (instance $handler)
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))
"""


def cart() -> bytes:
    """A component that fits the manifest."""
    return bytes(wat2wasm(WAT))


@pytest.fixture
def talk() -> Iterator[Conversation]:
    """A session that is initialized."""
    with conversation() as talk:
        talk.initialize()
        yield talk


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The path of a manifest without mistakes."""
    (tmp_path / "cart.wasm").write_bytes(cart())
    manifest = tmp_path / "spin.toml"
    manifest.write_text(MANIFEST)
    return manifest

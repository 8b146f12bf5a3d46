"""A client to talk to the server with, and an application to talk about."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lsp.conversation import Conversation, conversation

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


@pytest.fixture
def talk() -> Iterator[Conversation]:
    """A session that is initialized."""
    with conversation() as talk:
        talk.initialize()
        yield talk


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The path of a manifest without mistakes."""
    (tmp_path / "cart.wasm").write_bytes(b"\0asm\x0d\0\1\0")
    manifest = tmp_path / "spin.toml"
    manifest.write_text(MANIFEST)
    return manifest

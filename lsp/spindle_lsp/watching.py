"""Which files on disk a client is asked to watch."""

from __future__ import annotations

from lsprotocol import types

PATTERNS = ("**/*.wasm", "**/.env", "**/spin.toml", "**/runtime-config.toml")
"""What components, variables and configuration come from."""


def registration() -> types.RegistrationParams:
    """The request to watch them."""
    watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in PATTERNS]
    return types.RegistrationParams(
        [
            types.Registration(
                id="files",
                method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers),
            )
        ]
    )

"""What is known of the client: how it counts, what it can show, what it wants."""

from __future__ import annotations

from typing import NamedTuple

from lsprotocol import types

from spindle_lsp.encodings import Encoding


class Client(NamedTuple):
    """A client, as it introduced itself."""

    encoding: Encoding = Encoding()
    takes_snippets: bool = False
    """Whether it can insert text with places to fill in."""
    pulls: bool = False
    """Whether it asks for diagnostics, so that they needn't be published."""
    refreshes: bool = False
    """Whether it can be told to ask for diagnostics again."""
    watches: bool = False
    """Whether it can be asked to watch files."""
    hints: object = None
    """Which inlay hints it wants, in its own words."""
    commands: frozenset[str] = frozenset()
    """Which commands of ours it has."""


def client_of(params: types.InitializeParams, encoding: Encoding) -> Client:
    """The client that sent the first request."""
    options = params.initialization_options
    given = options if isinstance(options, dict) else {}
    commands = given.get("commands")
    text = params.capabilities.text_document or types.TextDocumentClientCapabilities()
    workspace = params.capabilities.workspace or types.WorkspaceClientCapabilities()
    item = text.completion.completion_item if text.completion else None
    refresh = workspace.diagnostics.refresh_support if workspace.diagnostics else None
    watched = workspace.did_change_watched_files
    return Client(
        encoding,
        takes_snippets=bool(item and item.snippet_support),
        pulls=text.diagnostic is not None,
        refreshes=bool(refresh),
        watches=bool(watched and watched.dynamic_registration),
        hints=given.get("inlayHints"),
        commands=frozenset(c for c in commands if isinstance(c, str))
        if isinstance(commands, list)
        else frozenset(),
    )

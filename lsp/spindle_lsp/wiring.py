"""A server with all its features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsprotocol import types

from spindle_lsp.methods import METHODS, Method
from spindle_lsp.server import Server


def make_server() -> Server:
    """A server for one client."""
    server = Server()
    for method in METHODS:
        server.feature(method.name, method.options)(_answering(server, method))
    for name, function, options in _others(server):
        server.feature(name, options)(function)
    return server


def _answering(server: Server, method: Method) -> Callable[[Any], Any]:
    return lambda params: server.answer(method, params)


def _others(server: Server) -> list[tuple[str, Callable[[Any], Any], Any]]:
    """What is not simply a function of one file."""
    return [
        (types.INITIALIZE, lambda p: server.initialize(p), None),
        (types.INITIALIZED, lambda p: server.watch(), None),
        (
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
            lambda p: server.change_folders(p),
            None,
        ),
        (
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            lambda p: server.files_changed(change.uri for change in p.changes),
            None,
        ),
        (
            types.TEXT_DOCUMENT_DIAGNOSTIC,
            lambda p: server.pulled(p.text_document.uri),
            types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False),
        ),
        (types.TEXT_DOCUMENT_CODE_LENS, lambda p: server.lenses(p.text_document.uri), None),
        (types.WORKSPACE_SYMBOL, lambda p: server.symbols(p.query), None),
    ]

"""The language server: what it knows of one client's files, and what it tells unasked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method

from spindle import __version__
from spindle.loader import forget_inputs
from spindle_lsp import convert, watching
from spindle_lsp.client import Client, client_of
from spindle_lsp.documents import Documents, path_of
from spindle_lsp.encodings import Encoding
from spindle_lsp.methods import Asked, Method
from spindle_lsp.refusal import Refusal
from spindle_lsp.snapshot import Snapshot
from spindle_lsp.text_changes import changed

if TYPE_CHECKING:
    from pygls.server import ServerErrors

log = logging.getLogger(__name__)

LARGEST = 1_000_000
"""Characters of a text that is looked at."""


class _Protocol(LanguageServerProtocol):
    """The toolkit's protocol, but that texts are kept in `Documents` alone."""

    _server: Server

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        self._server.put(document.uri, document.text, document.version)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._server.change(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.close(params.text_document.uri)


class Server(LanguageServer):
    """A language server for `spin.toml` and `runtime-config.toml`."""

    def __init__(self) -> None:
        super().__init__(
            "spindle", __version__, protocol_cls=_Protocol, converter_factory=default_converter
        )
        self.documents = Documents()
        self.client = Client()
        self._publishing: asyncio.Handle | None = None
        self._published: dict[str, frozenset[str]] = {}

    def initialize(self, params: types.InitializeParams) -> None:
        """Learn about the client."""
        roots = [folder.uri for folder in params.workspace_folders or ()]
        roots = roots or ([params.root_uri] if params.root_uri else [])
        self.documents.folders = [path for uri in roots if (path := path_of(uri)) is not None]
        chosen = self.workspace.position_encoding or types.PositionEncodingKind.Utf16
        self.client = client_of(params, Encoding(chosen))

    def change_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """Folders came to the workspace, or left it."""
        gone = {path_of(folder.uri) for folder in params.event.removed}
        came = [path_of(folder.uri) for folder in params.event.added]
        kept = [folder for folder in self.documents.folders if folder not in gone]
        self.documents.folders = [*kept, *filter(None, came)]

    def watch(self) -> None:
        """Ask the client to tell of changes on disk."""
        if self.client.watches:
            self.client_register_capability(watching.registration())

    def put(self, uri: str, text: str, version: int | None) -> None:
        """Take a file's whole text, unless it would take seconds to look at."""
        if len(text) > LARGEST:
            self.close(uri)
            message = f"{uri} is too large to be looked at ({len(text)} characters)"
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))
        elif self.documents.put(uri, text, version):
            self.publish_soon()

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Take changes of a file's text."""
        document = params.text_document
        text = self.documents.text(document.uri)
        if text is not None:
            text = changed(text, params.content_changes, self.client.encoding)
            self.put(document.uri, text, document.version)

    def close(self, uri: str) -> None:
        """Forget a file and take back what was said of it."""
        self.documents.close(uri)
        for place in self._published.pop(uri, frozenset()):
            self._publish(place, [], None)
        self.publish_soon()

    def files_changed(self, uris: Iterable[str]) -> None:
        """Look again at what files on disk have to do with."""
        if any(path_of(uri) is not None for uri in uris):
            forget_inputs()
            self.documents.forget_all()
            self.publish_soon()

    # Diagnostics

    def publish_soon(self) -> None:
        """Say what there is to say of all that changed, after the messages that are waiting."""
        if self._publishing is None:
            self._publishing = asyncio.get_running_loop().call_soon(self._publish_outdated)

    def _publish_outdated(self) -> None:
        self._publishing = None
        if self.client.pulls:
            self._ask_to_pull()
            return
        for uri in self.documents.outdated():
            try:
                self._publish_all_of(uri)
            except Exception:
                log.exception("can't say what is wrong with %s", uri)

    def _publish_all_of(self, uri: str) -> None:
        """Publish what one file's reading said, of it and of the files it leads to."""
        snapshot = self.documents.snapshot(uri)
        if snapshot is None:
            return
        found = self.diagnostics(snapshot)
        gone = self._published.get(uri, frozenset()) - found.keys()
        for place in (*found, *gone):
            self._publish(place, found.get(place, []), snapshot.version if place == uri else None)
        self._published[uri] = frozenset(found)

    def _publish(self, uri: str, found: list[types.Diagnostic], version: int | None) -> None:
        params = types.PublishDiagnosticsParams(uri, found, version)
        self.text_document_publish_diagnostics(params)

    def _ask_to_pull(self) -> None:
        """A client that pulls does so for the file that is edited; tell it if others changed."""
        if self.client.refreshes and len(self.documents.outdated()) > 1:
            self.workspace_diagnostic_refresh(None)

    def diagnostics(self, snapshot: Snapshot) -> dict[str, list[types.Diagnostic]]:
        """What there is to say, by the URIs of the files it is about; the snapshot's is first."""
        by_path: dict[Path, list[types.Diagnostic]] = {snapshot.path: []}
        for problem in snapshot.diagnostics:
            shown = by_path.setdefault(problem.path or snapshot.path, [])
            shown.append(convert.diagnostic(problem))
        uris = {path: self.documents.spelled(path.as_uri()) for path in by_path}
        return {uris[path]: self._outward(found, uris[path]) for path, found in by_path.items()}

    # Requests

    def answer(self, method: Method, params: Any) -> Any:
        """The answer to a request about a file; None when there is nothing to say.

        A mistake of ours costs this one answer.
        """
        try:
            uri = params.text_document.uri
            snapshot = self.documents.snapshot(uri)
            if snapshot is None:
                return None
            params = self.client.encoding.inward(params, uri, self.documents.lines)
            asked = Asked(snapshot, params, self.documents, self.client)
            return self._outward(method.answer(asked), uri)
        except Refusal as error:
            raise JsonRpcException(str(error), types.LSPErrorCodes.RequestFailed) from None
        except Exception:
            log.exception("can't answer %s", method.name)
            return None

    def symbols(self, query: str) -> list[types.WorkspaceSymbol]:
        """What the workspace's manifests define, by name."""
        from spindle_lsp.features.symbols import symbols_named

        found = [
            s for snapshot in self.documents.snapshots() for s in symbols_named(snapshot, query)
        ]
        return [self._outward(symbol, "") for symbol in found]

    def pulled(self, uri: str) -> types.RelatedFullDocumentDiagnosticReport:
        """What there is to say of a file, and of the files it leads to."""
        snapshot = self.documents.snapshot(uri)
        found = {} if snapshot is None else self.diagnostics(snapshot)
        others = {
            other: types.FullDocumentDiagnosticReport(items)
            for other, items in found.items()
            if other != uri
        }
        return types.RelatedFullDocumentDiagnosticReport(
            items=found.get(uri, []), related_documents=others or None
        )

    def lenses(self, uri: str) -> list[types.CodeLens]:
        """What can be done with the triggers of a manifest."""
        from spindle_lsp.features.lenses import lenses_of
        from spindle_lsp.hosts import running_host

        snapshot = self.documents.snapshot(uri)
        if snapshot is None or not self.client.commands:
            return []
        found = lenses_of(snapshot, self.client.commands, running_host(snapshot.path))
        return [self._outward(lens, uri) for lens in found]

    def _outward(self, answer: Any, uri: str) -> Any:
        return self.client.encoding.outward(answer, uri, self.documents.lines)

    def report_server_error(self, error: Exception, source: ServerErrors) -> None:
        """The log has it; a person at work needs no message box."""
        log.error("%s: %s", source.__name__, error)

"""The language server's wiring: which function answers which request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from spindle import __version__
from spindle_lsp import convert
from spindle_lsp.documents import Documents, path_of
from spindle_lsp.snapshot import Snapshot

log = logging.getLogger(__name__)

SETTLE = 0.0
"""Seconds of silence before diagnostics are published: what came in meanwhile is read at once."""


class Server(LanguageServer):
    """A language server for `spin.toml` and `runtime-config.toml`."""

    def __init__(self) -> None:
        super().__init__("spindle", __version__)
        self.documents = Documents()
        self._publishing: asyncio.TimerHandle | None = None
        self._published: dict[str, frozenset[str]] = {}

    @property
    def encoding(self) -> convert.Encoding:
        """How this client counts characters."""
        name = self.workspace.position_encoding
        return convert.Encoding(name or types.PositionEncodingKind.Utf16)

    @property
    def pulls(self) -> bool:
        """Whether the client asks for diagnostics, so that they needn't be published."""
        text_document = self.client_capabilities.text_document
        return text_document is not None and text_document.diagnostic is not None

    def changed(self, uri: str) -> None:
        """Take note of a file's text, and publish what there is to say once messages pause."""
        document = self.workspace.get_text_document(uri)
        if self.documents.put(uri, document.source, document.version):
            self.publish_soon()

    def publish_soon(self) -> None:
        """Publish diagnostics of all that changed, after the messages that are waiting."""
        if self.pulls:
            return
        if self._publishing is not None:
            self._publishing.cancel()
        self._publishing = asyncio.get_running_loop().call_later(SETTLE, self._publish)

    def _publish(self) -> None:
        self._publishing = None
        for uri in list(self.documents.outdated()):
            snapshot = self.documents.snapshot(uri)
            if snapshot is not None:
                self._publish_all_of(uri, snapshot)

    def _publish_all_of(self, uri: str, snapshot: Snapshot) -> None:
        """Publish what one file's reading said, of it and of the files it leads to."""
        by_uri = self.by_uri(snapshot)
        by_uri.setdefault(uri, [])
        gone = self._published.get(uri, frozenset()) - by_uri.keys()
        for place in (*by_uri, *gone):
            version = snapshot.version if place == uri else None
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(place, by_uri.get(place, []), version)
            )
        self._published[uri] = frozenset(by_uri)

    def by_uri(self, snapshot: Snapshot) -> dict[str, list[types.Diagnostic]]:
        """A snapshot's diagnostics, file by file."""
        found: dict[str, list[types.Diagnostic]] = {}
        for diagnostic in snapshot.diagnostics:
            place = diagnostic if diagnostic.path else diagnostic._replace(path=snapshot.path)
            assert place.path is not None
            shown = convert.diagnostic(place, self.documents.lines, self.encoding)
            found.setdefault(convert.uri_of(place.path), []).append(shown)
        return found

    def closed(self, uri: str) -> None:
        """Forget a file and take back what was said of it."""
        self.documents.close(uri)
        for place in self._published.pop(uri, frozenset()):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(place, []))
        self.publish_soon()

    def files_changed(self, uris: Iterable[str]) -> None:
        """Look again at what files on disk have to do with."""
        if any(path_of(uri) is not None for uri in uris):
            self.documents.forget_all()
            self.publish_soon()


def make_server() -> Server:
    """A server with all its features."""
    server = Server()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        server.files_changed(change.uri for change in params.changes)

    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False),
    )
    def diagnostic(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        snapshot = server.documents.snapshot(params.text_document.uri)
        found = {} if snapshot is None else server.by_uri(snapshot)
        return types.RelatedFullDocumentDiagnosticReport(
            items=found.pop(params.text_document.uri, []),
            related_documents={
                uri: types.FullDocumentDiagnosticReport(items) for uri, items in found.items()
            },
        )

    return server

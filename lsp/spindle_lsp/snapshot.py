"""One file as it is at one moment, and everything known about it.

What lies on disk around it is read when it is asked for, once a snapshot; what is costly to read
(wasm) is kept by the readers themselves, by path, size and time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from spindle.app import App
from spindle.diagnostics import Diagnostic, in_order
from spindle.loader import Located, Options, examine
from spindle.manifest import Document, Manifest, ManifestRereader, Rereader
from spindle.runtime_config import RuntimeConfig, read_runtime_config
from spindle.variables import EnvironmentProvider, Provider

Kind = Literal["manifest", "runtime-config"]


@dataclass(frozen=True)
class Snapshot:
    """A text and what was read of it; features are functions of it.

    A snapshot is of use until the next one of the same file is made.
    """

    path: Path
    text: str
    version: int | None
    kind: Kind
    document: Document
    """The text as a tree."""
    manifest: Manifest | None = None
    """As written; None for other files and for manifests of no known version."""
    canonical: Manifest | None = None
    """With what the manifest only implies: names of triggers, inherited grants."""
    app: App | None = None
    """What would run; None when there are errors."""
    config: RuntimeConfig | None = None
    """What the application runs on, or the file itself."""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def root(self) -> Path:
        """The directory paths are relative to."""
        return self.path.parent

    @cached_property
    def lines(self) -> list[str]:
        """The lines, without line feeds."""
        return self.text.split("\n")

    @property
    def uri(self) -> str:
        """The URI of the file; clients may spell it differently."""
        return self.path.as_uri()

    @cached_property
    def environment(self) -> EnvironmentProvider:
        """Where variables get their values when nothing else gives them: the process, `.env`."""
        return EnvironmentProvider(dotenv=self.root / ".env")

    @cached_property
    def providers(self) -> tuple[Provider, ...]:
        """Who gives variables their values without a server, in the order they are asked."""
        configured = () if self.config is None else self.config.local_providers()
        return (*configured, self.environment)


def kind_of(path: Path) -> Kind | None:
    """What kind of file a path names; None for what the server has nothing to say of."""
    if path.name == "runtime-config.toml":
        return "runtime-config"
    if path.name == "spin.toml" or path.name.endswith((".spin.toml", "-spin.toml")):
        return "manifest"
    return None


@dataclass(slots=True, eq=False)
class Analyst:
    """Makes the snapshots of one file, the next from the one before where that is quicker."""

    path: Path
    kind: Kind
    _manifests: ManifestRereader = field(default_factory=ManifestRereader)
    _texts: Rereader = field(default_factory=Rereader)

    def snapshot(self, text: str, version: int | None, config: RuntimeConfig | None) -> Snapshot:
        """What there is to say of a text; `config` is what the application runs on."""
        if self.kind == "manifest":
            return self._manifest(text, version, config)
        document = self._texts.read(self.path, text)
        config, found = read_runtime_config(self.path, text)
        return Snapshot(
            self.path, text, version, self.kind, document, config=config, diagnostics=found
        )

    def _manifest(self, text: str, version: int | None, config: RuntimeConfig | None) -> Snapshot:
        document, manifest, found = self._manifests.read(self.path, text)
        snapshot = Snapshot(self.path, text, version, self.kind, document, manifest, config=config)
        if manifest is None:
            return replace(snapshot, diagnostics=in_order(found))
        loaded = examine(
            Located(self.path),
            manifest,
            found,
            Options(runtime_config=config, read_wasm=True),
            text,
        )
        return replace(
            snapshot,
            canonical=loaded.manifest,
            app=loaded.app,
            diagnostics=loaded.diagnostics,
        )

"""What is examined: this machine, and an application if there is one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from spindle.diagnostics import Diagnostic, in_order
from spindle.loader import Loaded, Options, load
from spindle.manifest import Manifest
from spindle.runtime_config import RuntimeConfig, load_runtime_config


class Patient(NamedTuple):
    """A machine and an application, as they were when somebody looked."""

    loaded: Loaded
    config: RuntimeConfig
    diagnostics: tuple[Diagnostic, ...]
    """What is wrong with the manifest and the runtime configuration."""
    environment: Mapping[str, str]
    listen: str = "127.0.0.1:3000"
    """Where the application would be served."""
    connects: bool = False
    """Whether services may be connected to, to see whether they answer."""
    profile: str | None = None
    """The build profile."""

    @property
    def manifest(self) -> Manifest | None:
        """The manifest, as far as it could be read."""
        return self.loaded.manifest

    @property
    def path(self) -> Path | None:
        """The manifest's path, or that of a bare wasm file; None without an application."""
        return None if self.loaded.located is None else self.loaded.located.path

    @property
    def root(self) -> Path:
        """The application directory, or the current one."""
        return Path.cwd() if self.path is None else self.path.parent

    def which(self, program: str) -> Path | None:
        """Where a program is that a shell here would run."""
        import shutil

        found = shutil.which(program, path=self.environment.get("PATH", ""))
        return None if found is None else Path(found)


def admit(
    path: Path | None,
    environment: Mapping[str, str],
    *,
    profile: str | None = None,
    runtime_config: Path | None = None,
    listen: str = Patient._field_defaults["listen"],
    connects: bool = False,
) -> Patient:
    """Read what there is to read of the application at a path (see `locate`)."""
    config, found = load_runtime_config(runtime_config)
    given = None if runtime_config is None else config
    loaded = load(path, Options(profile=profile, runtime_config=given, read_wasm=True))
    diagnostics = in_order((*loaded.diagnostics, *found))
    return Patient(loaded, config, diagnostics, environment, listen, connects, profile)

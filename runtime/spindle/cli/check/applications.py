"""What there is to check: applications by their manifests, and the texts that belong to each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from spindle.diagnostics import Diagnostic, in_order
from spindle.fixes import Check, Texts
from spindle.loader import Located, Options, load, locate, manifests_below
from spindle.runtime_config import RuntimeConfig, load_runtime_config, read_runtime_config


class Application(NamedTuple):
    """One that was found, or what kept it from being found."""

    path: Path | None
    """Its manifest, or a bare wasm file; absolute."""
    problem: Diagnostic | None = None


def find_applications(paths: Sequence[Path], *, below: bool) -> list[Application]:
    """The applications at some paths, or all those below them; each once."""
    if not below:
        found = [_found(locate(path)) for path in paths or (None,)]
    else:
        found = [app for path in paths or (Path(),) for app in _below(path)]
    return list(dict.fromkeys(found))


def _below(path: Path) -> list[Application]:
    manifests = list(manifests_below(path))
    if not manifests:
        return [_found(locate(path))]
    return [Application(manifest.absolute()) for manifest in manifests]


def _found(located: Located | Diagnostic) -> Application:
    if isinstance(located, Diagnostic):
        return Application(None, located)
    return Application(located.path.absolute())


class Checker:
    """Checks applications by texts it has read, changed or not; writes nothing."""

    def __init__(self, profile: str | None, runtime_config: Path | None) -> None:
        self.profile = profile
        self.config = None if runtime_config is None else runtime_config.absolute()
        self.originals: dict[Path, str] = {}
        """What was read, by file."""
        self.texts: dict[Path, str] = {}
        """The same as they are now."""

    def texts_of(self, application: Application) -> dict[Path, str]:
        """The texts that can be read of an application's."""
        paths = [path for path in (application.path, self.config) if path is not None]
        return {path: text for path in paths if (text := self._text(path)) is not None}

    def check_of(self, application: Application) -> Check:
        """How to check one."""

        def check(texts: Texts) -> tuple[Diagnostic, ...]:
            config, found = self._config(texts)
            if application.path is None:
                assert application.problem is not None
                return (application.problem, *found)
            options = Options(profile=self.profile, runtime_config=config, read_wasm=True)
            loaded = load(application.path, options, text=texts.get(application.path))
            return in_order((*loaded.diagnostics, *found))

        return check

    def _config(self, texts: Texts) -> tuple[RuntimeConfig | None, tuple[Diagnostic, ...]]:
        if self.config is None:
            return None, ()
        text = texts.get(self.config)
        if text is None:
            return load_runtime_config(self.config)
        return read_runtime_config(self.config, text)

    def _text(self, path: Path) -> str | None:
        """None for what is no text or can't be read, which checking says."""
        if path not in self.texts:
            try:
                text = path.read_bytes().decode()
            except (OSError, UnicodeDecodeError):
                return None
            self.originals[path] = self.texts[path] = text
        return self.texts[path]

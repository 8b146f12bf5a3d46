"""From text to runtime configuration."""

from __future__ import annotations

from pathlib import Path

from spindle.diagnostics import Diagnostic, Severity, in_order
from spindle.manifest.reader import Reader
from spindle.manifest.tree import read_document
from spindle.runtime_config.model import RuntimeConfig
from spindle.runtime_config.rules import problems_of
from spindle.runtime_config.schema import RUNTIME_CONFIG


def read_runtime_config(path: Path, text: str) -> tuple[RuntimeConfig, tuple[Diagnostic, ...]]:
    """Read a text; `path` names it, and its paths are relative to it."""
    document = read_document(path, text)
    reader = Reader(path)
    config = reader.read(RUNTIME_CONFIG, document.root)
    assert isinstance(config, RuntimeConfig)
    more = problems_of(config, path, text)
    diagnostics = in_order((*document.diagnostics, *reader.diagnostics, *more))
    return config.replaced(path=path), diagnostics


def load_runtime_config(path: Path | None) -> tuple[RuntimeConfig, tuple[Diagnostic, ...]]:
    """Read a file; no path gives the configuration of no file."""
    if path is None:
        return RuntimeConfig(), ()
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        return RuntimeConfig(), (_unreadable(path, error.strerror or str(error)),)
    except UnicodeDecodeError:
        return RuntimeConfig(), (_unreadable(path, "it is not UTF-8 text"),)
    return read_runtime_config(path.absolute(), text)


def _unreadable(path: Path, why: str) -> Diagnostic:
    return Diagnostic(
        "runtime-config-not-found",
        Severity.ERROR,
        f"failed to read runtime config file '{path}': {why}",
        path,
        help="check the path given with `--runtime-config-file`",
    )

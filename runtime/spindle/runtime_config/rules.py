"""What is wrong with a runtime configuration beyond the types of its values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spindle.diagnostics import Diagnostic, Severity
from spindle.manifest.edits import Editor, fix
from spindle.runtime_config.model import RuntimeConfig


def problems_of(config: RuntimeConfig, path: Path, text: str) -> Iterator[Diagnostic]:
    """All that the rules say of a configuration."""
    yield from _pooling_off(config, Editor(path, text))
    yield from _half_certificate(config, path)


def _pooling_off(config: RuntimeConfig, editor: Editor) -> Iterator[Diagnostic]:
    node = config.node.get("outbound_http")
    if node is None or node.table is None or node.get("connection_pooling") is not None:
        return
    yield Diagnostic(
        "pooling-off",
        Severity.WARNING,
        "`[outbound_http]` without `connection_pooling` turns connection pooling off",
        editor.path,
        node.span,
        help="write `connection_pooling = true` to keep it on, or `false` to say so",
        fix=fix("Say so", editor.add_key(node, "connection_pooling", "false"), safe=True),
    )


def _half_certificate(config: RuntimeConfig, path: Path) -> Iterator[Diagnostic]:
    for tls in config.client_tls:
        if (tls.client_cert_file is None) is (tls.client_private_key_file is None):
            continue
        there, lacking = "client_cert_file", "client_private_key_file"
        if tls.client_cert_file is None:
            there, lacking = lacking, there
        yield Diagnostic(
            "half-certificate",
            Severity.ERROR,
            f"`{there}` is there without `{lacking}`",
            path,
            tls.key_at(there),
            help=f"add `{lacking}`, or remove `{there}`",
        )

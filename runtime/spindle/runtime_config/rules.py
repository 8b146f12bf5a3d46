"""What is wrong with a runtime configuration beyond the types of its values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spindle.diagnostics import Diagnostic, Severity
from spindle.manifest.edits import Editor, fix
from spindle.runtime_config.model import AzureKeyVaultVariables, RuntimeConfig
from spindle.text import Span


def problems_of(config: RuntimeConfig, path: Path, text: str) -> Iterator[Diagnostic]:
    """All that the rules say of a configuration."""
    yield from _pooling_off(config, Editor(path, text))
    yield from _half_certificate(config, path)
    yield from _unusable_tls(config, path)
    yield from _two_limits(config, path)
    yield from _half_principal(config, path)


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


def _unusable_tls(config: RuntimeConfig, path: Path) -> Iterator[Diagnostic]:
    for tls in config.client_tls:
        for key in ("component_ids", "hosts"):
            if not getattr(tls, key) and tls.node.get(key) is not None:
                yield _invalid(path, tls.key_at(key), f"`{key}` must not be empty", "name some")
        roots = (tls.ca_use_platform_roots, tls.ca_use_webpki_roots)
        if False in roots and True not in roots and tls.ca_roots_file is None:
            refused = "ca_use_platform_roots" if roots[0] is False else "ca_use_webpki_roots"
            what = f"no authority is trusted, because `{refused}` is off"
            yield _invalid(path, tls.key_at(refused), what, "name a `ca_roots_file`, or remove it")


def _two_limits(config: RuntimeConfig, path: Path) -> Iterator[Diagnostic]:
    http = config.outbound_http
    if http.max_connections is not None and http.max_concurrent_requests is not None:
        what = "`max_concurrent_requests` is an old name of `max_connections`, which is there too"
        yield _invalid(path, http.key_at("max_concurrent_requests"), what, "remove it")


def _half_principal(config: RuntimeConfig, path: Path) -> Iterator[Diagnostic]:
    keys = ("client_id", "client_secret", "tenant_id")
    for provider in config.variables_providers:
        if not isinstance(provider, AzureKeyVaultVariables):
            continue
        there = [key for key in keys if getattr(provider, key) is not None]
        if there and len(there) < len(keys):
            lacking = " and ".join(f"`{key}`" for key in keys if key not in there)
            what = f"`{there[0]}` is there without {lacking}"
            help_text = f"add {lacking}, or none of the three for the environment's credentials"
            yield _invalid(path, provider.key_at(there[0]), what, help_text)


def _invalid(path: Path, span: Span, message: str, help_text: str) -> Diagnostic:
    return Diagnostic("invalid-value", Severity.ERROR, message, path, span, help=help_text)

"""Rules about the runtime configuration, and the manifest against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic, Severity
from spindle.text import nearest_name

DEFAULT = "default"
"""The label that exists without any configuration."""


def undefined_label(subject: Subject) -> Iterator[Diagnostic]:
    """A component uses a store or database that the runtime configuration doesn't define."""
    config = subject.runtime_config
    if config is not None:
        stores = {DEFAULT, *config.key_value_stores}
        databases = {DEFAULT, *config.sqlite_databases}
        yield from _undefined(subject, "key_value_stores", "key_value_store", stores)
        yield from _undefined(subject, "sqlite_databases", "sqlite_database", databases)


def _undefined(
    subject: Subject, key: str, table: str, defined: Collection[str]
) -> Iterator[Diagnostic]:
    for id_, component in subject.manifest.components.items():
        for label, span in component.texts(key):
            if label not in defined:
                near = nearest_name(label, defined)
                table_help = f"add `[{table}.{label}]` to the runtime configuration"
                yield subject.error(
                    "undefined-label",
                    f'unknown {key} label "{label}" for component "{id_}"',
                    span,
                    f"did you mean `{near}`? Otherwise {table_help}" if near else table_help,
                    fix=subject.instead(span, near) if near else None,
                )


def pooling_off(subject: Subject) -> Iterator[Diagnostic]:
    """`[outbound_http]` is there without `connection_pooling`, which turns pooling off."""
    config = subject.runtime_config
    node = None if config is None else config.node.get("outbound_http")
    if config is None or node is None or node.get("connection_pooling") is not None:
        return
    yield Diagnostic(
        "pooling-off",
        Severity.WARNING,
        "`[outbound_http]` without `connection_pooling` turns connection pooling off",
        config.path,
        node.span,
        help="write `connection_pooling = true` to keep it on, or `false` to say so",
    )

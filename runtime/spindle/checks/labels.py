"""Rules about labels, which the runtime configuration gives a meaning."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic
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


def models_without_compute(subject: Subject) -> Iterator[Diagnostic]:
    """A component may use language models, and the configuration has nothing to run them."""
    config = subject.runtime_config
    if config is None or config.path is None or config.llm_compute is not None:
        return
    for id_, component in subject.manifest.components.items():
        if component.ai_models:
            yield subject.warning(
                "models-without-compute",
                f"the component `{id_}` may use language models, and the runtime configuration "
                "has no `[llm_compute]` to run them",
                component.key_at("ai_models"),
                "add `[llm_compute]` with `type`, `url` and `auth_token`",
            )

"""A runtime configuration in one line, as Spin's start says it."""

from __future__ import annotations

from collections.abc import Iterator

from spindle.runtime_config.model import RuntimeConfig

_LIMITED = ("outbound_redis", "outbound_pg", "outbound_mysql", "outbound_mqtt", "outbound_http")


def summary_of(config: RuntimeConfig, shown_path: str) -> str | None:
    """What an application runs on that isn't the default; None if nothing worth a word is."""
    parts = ", ".join(_parts(config))
    return f'Using runtime config {parts} from "{shown_path}"' if parts else None


def _parts(config: RuntimeConfig) -> Iterator[str]:
    for label, store in config.key_value_stores.items():
        yield f"[key_value_store.{label}: {store.type}]"
    for label, database in config.sqlite_databases.items():
        yield f"[sqlite_database.{label}: {database.type}]"
    if config.llm_compute is not None:
        yield f"[llm_compute: {config.llm_compute.type}]"
    total = config.outbound_networking.max_total_connections
    if total is not None:
        yield f"[outbound_networking: max_total_connections={total}]"
    for name in _LIMITED:
        most = getattr(config, name).max_connections
        if most is not None:
            yield f"[{name}: max_connections={most}]"
    requests = config.outbound_http.max_concurrent_requests
    if requests is not None:
        yield (
            f"[outbound_http: max_concurrent_requests={requests} (deprecated, use max_connections)]"
        )

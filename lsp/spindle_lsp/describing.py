"""The schema in words: what a type is called, what a value of it looks like, what a key is for."""

from __future__ import annotations

from spindle.manifest import (
    AnyTable,
    Array,
    Boolean,
    Choice,
    Integer,
    Key,
    Map,
    Record,
    Tagged,
    Text,
    Type,
    alternatives,
)

SAMPLES = {
    "route": '"/..."',
    "channel": '"messages"',
    "topic": '"messages/#"',
    "qos": '"1"',
    "cron_expression": '"0 */5 * * * *"',
    "address": '"redis://localhost:6379"',
    "name": '"my-app"',
    "version": '"0.1.0"',
    "authors": '["Ada <ada@example.com>"]',
    "source": '"app.wasm"',
    "command": '"cargo build --target wasm32-wasip2 --release"',
    "watch": '["src/**/*"]',
    "files": '["assets/**/*"]',
    "exclude_files": '["**/*.map"]',
    "allowed_outbound_hosts": '["https://example.com"]',
    "key_value_stores": '["default"]',
    "sqlite_databases": '["default"]',
    "ai_models": '["llama2-chat"]',
    "variables": '{ token = "{{ token }}" }',
    "environment": '{ RUST_BACKTRACE = "1" }',
    "executor": '{ type = "wagi" }',
    "inherit_configuration": "true",
    "private": "true",
    "status_code": "200",
    "digest": '"sha256:…"',
    "export": '"my:package/interface"',
    "package": '"my:package"',
    "url": '"https://example.com/app.wasm"',
    "registry": '"ghcr.io"',
    "path": '"app.wasm"',
    "workdir": '"app"',
    "component": '"my-component"',
    "dotenv_path": '".env"',
    "prefix": '"SPIN_VARIABLE"',
    "block_networks": '["private"]',
}
"""A good value of a key, where the type alone gives none."""
SAMPLES_OF = {
    ("files", "source"): '"assets"',
    ("files", "destination"): '"/"',
    ("target", "url"): '"https://example.com/target.toml"',
    ("target", "path"): '"target.toml"',
    ("redis", "url"): '"redis://localhost:6379"',
    ("libsql", "url"): '"https://example.com"',
    ("vault", "url"): '"http://localhost:8200"',
    ("remote_http", "url"): '"https://example.com"',
    ("spin", "path"): '"data.db"',
}
"""Values of keys that mean something else in some tables."""
UNKNOWN = '"…"'
"""A string of which nothing is known."""


def type_name(type_: Type) -> str:
    """What a type is called."""
    match type_:
        case Choice(_, expected):
            return expected
        case Array(Choice(_, expected)):
            return f"array, each {expected}"
        case Map(Choice(_, expected)):
            return f"table, each {expected}"
        case Text(None):
            return "string"
        case Text(grammar):
            return f"string ({grammar.noun})" if grammar else "string"
        case Integer(minimum, maximum):
            return _integer(minimum, maximum)
        case Boolean():
            return "boolean"
        case Array(of):
            return f"array of {_plural(type_name(of))}"
        case Map(AnyTable()):
            return "table of tables"
        case Map(of):
            return f"table of {_plural(type_name(of))}"
        case Tagged(variants):
            return f"table with `type` {' or '.join(f'`{name}`' for name in variants)}"
        case Record() | AnyTable():
            return "table"
    return "any value"


def _integer(minimum: int | None, maximum: int | None) -> str:
    if minimum is not None and minimum == maximum:
        return f"`{minimum}`"
    if minimum is not None and maximum is not None:
        return f"integer from {minimum} to {maximum}"
    return "integer"


def _plural(name: str) -> str:
    first, *more = name.split(" ")
    word = first.rstrip(",")
    plural = word if word.endswith("s") else f"{word}s"
    return " ".join([plural + first[len(word) :], *more])


def sample(key: Key, owner: Record | None = None) -> str:
    """A value a key of a table may have, as TOML."""
    special = None if owner is None else SAMPLES_OF.get((owner.name, key.name))
    if special is not None or key.name in SAMPLES:
        return special or SAMPLES[key.name]
    match alternatives(key.type)[0]:
        case Integer(minimum, _):
            return str(minimum or 0)
        case Boolean():
            return "true"
        case Text():
            return UNKNOWN
        case Array():
            return "[]"
    return "{}"


def key_card(key: Key, owner: Record | None) -> str:
    """Markdown about a key of a table."""
    facts = [type_name(key.type)]
    if key.required:
        facts.append("required")
    default = None if owner is None or key.required else owner.default(key)
    if isinstance(default, (bool, int)) or (isinstance(default, str) and default):
        facts.append(f"default `{_toml(default)}`")
    lines = [f"**`{key.name}`** · {' · '.join(facts)}", key.doc]
    if key.deprecated is not None:
        lines.append(f"*Deprecated*: use {key.deprecated}.")
    example = sample(key, owner)
    if not is_table(key) and example != UNKNOWN:
        lines.append(f"```toml\n{key.name} = {example}\n```")
    return "\n\n".join(lines)


def _toml(value: bool | int | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def is_table(key: Key) -> bool:
    """Whether a key is written as headers rather than with a value."""
    match key.type:
        case Record() | AnyTable():
            return True
        case Map(of) | Array(of):
            return not any(isinstance(one, Text) for one in alternatives(of))
    return False

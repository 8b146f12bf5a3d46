"""What the values of a manifest or a runtime configuration are about, by the path to them."""

from __future__ import annotations

from enum import Enum

from spindle.manifest import Record, Type, schema_of, types_at
from spindle.runtime_config import RUNTIME_CONFIG
from spindle_lsp.scanner import Path, Role, Token
from spindle_lsp.sheet import Section, Sheet
from spindle_lsp.snapshot import Kind


class Sort(Enum):
    """What a value is about."""

    COMPONENT = "component"
    """The id of one."""
    VARIABLE = "variable"
    """The name of one of the application's."""
    STORE = "key-value store"
    """The label of one."""
    DATABASE = "SQLite database"
    """The label of one."""
    MODEL = "model"
    HOST = "host"
    """A pattern of hosts, possibly with variables."""
    TEMPLATE = "template"
    """A text with variables."""
    ROUTE = "route"
    WASM = "wasm"
    """A path to a wasm file."""
    FILE = "file"
    """A path to any file or directory, or a glob."""
    DIRECTORY = "directory"
    GRANT = "grant"
    """A key of a component whose grants a dependency gets."""
    EXPORT = "export"
    """An export of a dependency."""


LABELS = {"key_value_store": Sort.STORE, "sqlite_database": Sort.DATABASE}
"""What a runtime configuration defines labels of."""


def sort_at(kind: Kind, path: Path) -> Sort | None:
    """What the value at a path is about, if it is about anything but itself."""
    if kind == "runtime-config":
        return _of_runtime_config(path)
    match path:
        case ("component", str() | int(), *rest):
            return _of_component(tuple(rest))
        case ("trigger", str(), int(), *rest):
            return _of_trigger(tuple(rest))
        case ("application", "trigger", "redis", "address") | (
            "application", "trigger", "mqtt", "address" | "username" | "password"
        ):  # fmt: skip
            return Sort.TEMPLATE
    return None


def _of_trigger(path: Path) -> Sort | None:
    match path:
        case ("component",) | ("components", _) | ("components", _, int()):
            return Sort.COMPONENT
        case ("component", *rest) | ("components", _, int(), *rest) | ("components", _, *rest):
            return _of_component(tuple(rest))
        case ("dependencies", _, int(), *rest):
            return _of_dependency(tuple(rest))
        case ("route",):
            return Sort.ROUTE
        case ("channel" | "address" | "topic",):
            return Sort.TEMPLATE
    return None


_OF_COMPONENT = {
    "allowed_outbound_hosts": Sort.HOST,
    "key_value_stores": Sort.STORE,
    "sqlite_databases": Sort.DATABASE,
    "ai_models": Sort.MODEL,
    "files": Sort.FILE,
    "exclude_files": Sort.FILE,
}


def _of_component(path: Path) -> Sort | None:
    match path:
        case ("source",):
            return Sort.WASM
        case (str() as key, int()):
            return _OF_COMPONENT.get(key)
        case ("files", int(), "source"):
            return Sort.FILE
        case ("variables" | "config", str()):
            return Sort.TEMPLATE
        case ("build", "workdir"):
            return Sort.DIRECTORY
        case ("build", "watch", int()):
            return Sort.FILE
        case ("dependencies", str(), *rest):
            return _of_dependency(tuple(rest))
        case ("profile", str(), *rest):
            return _of_component(tuple(rest))
    return None


def _of_dependency(path: Path) -> Sort | None:
    match path:
        case ("path",):
            return Sort.WASM
        case ("component",):
            return Sort.COMPONENT
        case ("export",):
            return Sort.EXPORT
        case ("inherit_configuration", int()):
            return Sort.GRANT
    return None


def _of_runtime_config(path: Path) -> Sort | None:
    match path:
        case ("client_tls", int(), "component_ids", int()):
            return Sort.COMPONENT
        case ("client_tls", int(), "hosts", int()):
            return None
        case (*_, "path" | "dotenv_path") | ("client_tls", int(), _):
            is_file = str(path[-1]).endswith(("path", "_file"))
            return Sort.FILE if is_file else None
    return None


def owner_of(path: Path) -> str | None:
    """The id of the component that a path leads into."""
    match path:
        case ("component", str() as id_, *_):
            return id_
    return None


def schema_at(kind: Kind, sheet: Sheet) -> Record:
    """The schema a text follows."""
    if kind == "runtime-config":
        return RUNTIME_CONFIG
    first = sheet.sections[0]
    old = sheet.value(("spin_manifest_version",), first) == "1" or sheet.value(
        ("spin_version",), first
    )
    return schema_of(1 if old else 2)


def types_of(kind: Kind, sheet: Sheet, path: Path, near: Section) -> tuple[Type, ...]:
    """The types the value at a path may have; `near` is the section that says of what kind."""
    return types_at(schema_at(kind, sheet), path, lambda table: tag_of(sheet, table, near))


def tag_of(sheet: Sheet, table: Path, near: Section) -> str | None:
    """The `type` that a section gives a table."""
    return sheet.value((*table, "type"), near)


def is_key(token: Token) -> bool:
    """Whether a token names something rather than being a value."""
    return token.role is not Role.VALUE

"""Reading `metadata/spin-template.toml`, as Spin's templates have it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, cast

from spindle.errors import UserError
from spindle.templates.template import Condition, DirectoryOutput, Parameter, Template, Variant

METADATA = "metadata/spin-template.toml"
INSTALLATION = ".install.toml"
LARGEST = 1 << 20
"""Bytes of a template's metadata."""

Table = Mapping[str, object]


class InvalidTemplate(UserError):
    """A template that can't be used."""

    code = "invalid-template"


def is_template(directory: Path) -> bool:
    """Whether a folder is laid out as a template."""
    return (directory / METADATA).is_file()


def read_template(directory: Path, *, shared: Path | None = None) -> Template:
    """The template in a folder; `InvalidTemplate` when its metadata are wrong."""
    path = directory / METADATA
    try:
        table = _toml(path)
        return _template(directory, table, shared)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InvalidTemplate(f"the template can't be read: {why}", path=path) from None
    except ValueError as error:
        raise InvalidTemplate(f"the template is not valid: {error}", path=path) from None


def _toml(path: Path) -> Table:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("its metadata are too large")
    return tomllib.loads(data.decode())


def _template(directory: Path, table: Table, shared: Path | None) -> Template:
    _only(table, _TEMPLATE_KEYS, "a template")
    if table.get("manifest_version") != "1":
        raise ValueError('`manifest_version` must be "1"')
    id_ = _text(table, "id")
    if not id_ or not id_.isprintable():
        raise ValueError("`id` must be a name")
    if "custom_filters" in table:
        raise ValueError("`custom_filters` are not supported any more")
    return Template(
        id_,
        directory,
        _text(table, "description", ""),
        frozenset(tag.lower() for tag in _texts(table, "tags")),
        _variant(table, "new_application", default=Variant()),
        _variant(table, "add_component", default=None),
        tuple(_parameter(id_, each) for id_, each in _tables(table, "parameters")),
        tuple(_output(each) for _, each in _tables(table, "outputs")),
        "".join(origin_of(directory).values()),
        shared,
    )


def _variant(table: Table, name: str, *, default: Variant | None) -> Variant | None:
    if name not in table:
        return default
    given = _table(table, name)
    _only(given, {"supported", *_SKIPS, "snippets", "conditions"}, f"`{name}`")
    if given.get("supported") is False:
        return None
    snippets = _table(given, "snippets") if "snippets" in given else {}
    for place in snippets:
        if place not in SNIPPETS:
            raise ValueError(f"nothing is known of a snippet `{place}`")
    return Variant(
        frozenset(_texts(given, "skip_files")),
        frozenset(_texts(given, "skip_parameters")),
        {place: _text(snippets, place) for place in snippets},
        tuple(_condition(each) for _, each in _tables(given, "conditions")),
    )


def _condition(table: Table) -> Condition:
    _only(table, {"condition", *_SKIPS, "skip_snippets"}, "a condition")
    condition = _table(table, "condition")
    _only(condition, {"manifest_entry_exists"}, "a condition")
    return Condition(
        tuple(_text(condition, "manifest_entry_exists").split(".")),
        *(frozenset(_texts(table, key)) for key in (*_SKIPS, "skip_snippets")),
    )


def _parameter(id_: str, table: Table) -> Parameter:
    _only(table, {"type", "prompt", "default", "pattern", "allowed_values"}, f"parameter `{id_}`")
    if (type_ := _text(table, "type")) != "string":
        raise ValueError(f"parameter `{id_}` has the type `{type_}`; there is only `string`")
    default = _text(table, "default") if "default" in table else None
    allowed = tuple(_texts(table, "allowed_values"))
    return Parameter(id_, _text(table, "prompt"), default, _pattern(id_, table), allowed)


def _pattern(id_: str, table: Table) -> re.Pattern[str] | None:
    if "pattern" not in table:
        return None
    try:
        # Rust's name of the end of a text.
        return re.compile(_text(table, "pattern").replace(r"\z", r"\Z"))
    except re.error as error:
        raise ValueError(f"the pattern of parameter `{id_}` is wrong: {error}") from None


def _output(table: Table) -> DirectoryOutput:
    _only(table, {"action", "path", "at"}, "an output")
    if (action := _text(table, "action")) != "create_dir":
        raise ValueError(f"an output has the action `{action}`; there is only `create_dir`")
    at = _text(table, "at", "component")
    if at not in ("component", "manifest"):
        raise ValueError(f"an output is made at `component` or `manifest`, not `{at}`")
    return DirectoryOutput(_text(table, "path"), cast(Literal["component", "manifest"], at))


def origin_of(directory: Path) -> dict[str, str]:
    """Where an installed template came from, as its installation noted: `git`, `dir` or `url`."""
    try:
        record = _toml(directory / INSTALLATION)
    except (OSError, ValueError):
        return {}
    for key in ("git", "dir", "url"):
        place = record.get(key)
        if isinstance(place, str) and place.isprintable():
            return {key: place}
    return {}


def _only(table: Table, known: Iterable[str], what: str) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"{what} has no key `{key}`")


def _text(table: Table, key: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"`{key}` must be a string")
    return value


def _texts(table: Table, key: str) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"`{key}` must be strings")
    return value


def _table(table: Table, key: str) -> Table:
    value = table.get(key)
    if not isinstance(value, dict):
        raise ValueError(f"`{key}` must be a table")
    return value


def _tables(table: Table, key: str) -> list[tuple[str, Table]]:
    if key not in table:
        return []
    tables = _table(table, key)
    return [(name, _table(tables, name)) for name in tables]


SNIPPETS = ("component", "application_trigger", "variables")
_SKIPS = ("skip_files", "skip_parameters")
_TEMPLATE_KEYS = frozenset(
    (
        "manifest_version", "id", "description", "trigger_type", "tags", "new_application",
        "add_component", "parameters", "custom_filters", "outputs",
    )
)  # fmt: skip

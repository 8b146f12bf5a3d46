"""The kinds of values options take, as Spin spells them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar

import click

from spindle import limits
from spindle.dev.options import Bounds
from spindle.limits import parse_duration

Value = TypeVar("Value")


class Parsed(click.ParamType[Value, str], Generic[Value]):
    """A value read by a function that raises `ValueError` with what it expected."""

    def __init__(self, name: str, parse: Callable[[str], Value]) -> None:
        self.name = name
        self._parse = parse

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Value:
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # a default, already read
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(f"{value!r}: {error}", param, ctx)


def parse_count(text: str) -> int:
    if not re.fullmatch(r"\+?[0-9]+", text):
        raise ValueError("expected a whole number, or a range such as `1..8`")
    return int(text)


def parse_counts(text: str) -> Bounds[int]:
    """`N`, or `A..B` with A below B."""
    return Bounds(*_ends(text, parse_count))


def parse_durations(text: str) -> Bounds[float]:
    """A duration, or `A..B` with A below B."""
    return Bounds(*_ends(text, parse_duration))


def _ends(text: str, parse: Callable[[str], Any]) -> tuple[Any, Any]:
    low, dots, high = text.partition("..")
    if not dots:
        return parse(text), parse(text)
    ends = parse(low), parse(high)
    if ends[0] >= ends[1]:
        raise ValueError("the range is empty: its end must be above its beginning")
    return ends


def parse_pair(text: str) -> tuple[str, str]:
    """`KEY=VALUE`."""
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError("expected `KEY=VALUE`")
    return key, value


def parse_variables(text: str) -> Mapping[str, str]:
    """`KEY=VALUE`, `KEY=@FILE` (its text), `@FILE.json` or `@FILE.toml` (a table of strings)."""
    if text.startswith("@"):
        return _table(Path(text[1:]))
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError("expected `KEY=VALUE`, `KEY=@FILE`, `@FILE.json` or `@FILE.toml`")
    return {key: _text(Path(value[1:])) if value.startswith("@") else value}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"`{path}` can't be read: {_reason(error)}") from None


def _table(path: Path) -> Mapping[str, str]:
    import tomllib  # only here: seldom needed

    readers: dict[str, Callable[[str], Any]] = {".json": json.loads, ".toml": tomllib.loads}
    if path.suffix not in readers:
        raise ValueError("a file of variables must end in `.json` or `.toml`")
    text = _text(path)
    try:
        table = readers[path.suffix](text)
    except ValueError as error:
        raise ValueError(f"`{path}` can't be read: {error}") from None
    if not isinstance(table, dict):
        raise ValueError(f"`{path}` holds no table of variables")
    for key, value in table.items():
        if not isinstance(value, str):
            raise ValueError(f"`{key}` in `{path}` is not a string")
    return table


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is no text"


def merged(tables: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Several tables as one; the last one to say something is right."""
    return {key: value for table in tables for key, value in table.items()}


COUNTS = Parsed("N or A..B", parse_counts)
DURATIONS = Parsed("duration or A..B", parse_durations)
PAIR = Parsed("KEY=VALUE", parse_pair)
VARIABLES = Parsed("KEY=VALUE", parse_variables)


def refuse(message: str, *hints: str) -> NoReturn:
    """Say that the command line can't be meant like this."""
    raise click.UsageError("\n".join((message, *hints)), click.get_current_context(silent=True))


LIMITS = {
    name: limit
    for name, limit in {**limits.LIMITS, **limits.HOST_LIMITS}.items()
    if name != "request_timeout"  # which may be a range
}
"""The limits with an option of their own."""


def limit_option(name: str, limit: limits.Limit) -> click.Option:
    """The option that sets a limit for every component."""
    default = getattr(limits.DEFAULT, name, None) or getattr(limits.HostLimits(), name)
    return click.Option(
        [limits.flag_of(name)],
        type=Parsed(limit.kind.metavar, partial(limits.read_limit, name)),
        envvar=limit.envvar,
        metavar=limit.kind.metavar,
        help=f"{limit.help}  [default: {limits.shown(limit.kind, default)}]",
    )

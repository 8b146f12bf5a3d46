"""`spindle kv`: the key-value stores of an application, running or not."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click
from click.shell_completion import CompletionItem

from spindle.cli import parameters, render
from spindle.cli.state_app import Call, StoppedApp, app_state, state_options
from spindle.dev.control import BadParams, Method
from spindle.dev.methods.key_values import document, key_value_methods, value_of
from spindle.errors import ExitCode, SpindleError, UserError
from spindle.factors.key_value import Backend, KeyValueError, SqliteStores, backends_of
from spindle.text import counted, printable

TOGETHER = 500
"""Keys of an import that are set at once, unless they are large."""
LARGE = 4 << 20
"""Bytes of an export's lines that are."""


class NoSuchKey(UserError):
    """A store has no such key."""

    code = "no-such-key"
    exit_code = ExitCode.FAILED


class NotAnExport(UserError):
    """What is to be imported was not written by `spindle kv export`."""

    code = "not-an-export"


class Stores(NamedTuple):
    """The stores of an application that is not running."""

    backends: dict[str, Backend]

    def methods(self) -> dict[str, Method]:
        """Those of a running one."""
        return dict(key_value_methods(self.backends))

    async def close(self) -> None:
        """Close them."""
        for backend in self.backends.values():
            await backend.close()


class InMemory(SqliteStores):
    """A store that is only there while the application runs."""

    async def open(self, label: str) -> NoReturn:
        raise KeyValueError("other", "only the running application has it")


class Target(NamedTuple):
    """A store of an application."""

    store: str
    source: Path | None
    state_dir: str | None
    runtime_config_file: Path | None

    @contextmanager
    def asked(self, *, writing: bool = False) -> Iterator[Callable[..., Any]]:
        """A way to call the methods `kv/…` on the store: `ask("get", key="a")`."""
        serve = functools.partial(stores_of, writing=writing)
        with app_state("kv", *self[1:], serve) as call:
            yield functools.partial(self._ask, call)

    def _ask(self, call: Call, method: str, **params: object) -> Any:
        return call(f"kv/{method}", {"store": self.store, **params})


def stores_of(app: StoppedApp, *, writing: bool) -> Stores:
    """The stores `spindle up` would open; who only looks makes no file."""
    backends = backends_of(app.config, app.directories.state)
    for label, backend in backends.items():
        if isinstance(backend, SqliteStores):
            if backend.path is None:
                backends[label] = InMemory(None)
            elif not writing and not backend.path.exists():
                backends[label] = SqliteStores(None)
    return Stores(backends)


def pages(ask: Callable[..., Any], prefix: str) -> Iterator[list[str]]:
    """All keys that begin with a prefix, some at a time."""
    cursor = None
    while True:
        page = ask("list", prefix=prefix, cursor=cursor)
        yield page["keys"]
        if (cursor := page["cursor"]) is None:
            return


def _read_key(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a key must be UTF-8 text") from None
    return text


class Key(parameters.Parsed[str]):
    """A key, completed with those that are there."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        given = ctx.params
        target = Target(
            given.get("store") or "default",
            given.get("source"),
            given.get("state_dir"),
            given.get("runtime_config_file"),
        )
        try:
            with target.asked() as ask:
                keys = next(pages(ask, incomplete))
        except (SpindleError, OSError):
            return []
        return [CompletionItem(key) for key in keys if key.isprintable()]


KEY = Key("key", _read_key)


def on_store(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command a `Target` by options."""

    @functools.wraps(function)
    def run(
        store: str,
        source: Path | None,
        state_dir: str | None,
        runtime_config_file: Path | None,
        **given: Any,
    ) -> None:
        function(Target(store, source, state_dir, runtime_config_file), **given)

    option = click.option(
        "--store", default="default", show_default=True, metavar="LABEL", help="Which store."
    )
    return option(state_options(run))


prefix_option = click.option(
    "--prefix", default="", metavar="TEXT", help="Only keys that begin with this."
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["plain", "json"]),
    default="plain",
    help="How to print it.",
)


@click.group("kv", help="Look into key-value stores, of a running or stopped application.")
def command() -> None:
    pass


@command.command("list", help="Print the keys.")
@prefix_option
@format_option
@on_store
def list_keys(target: Target, prefix: str, form: str) -> None:
    with target.asked() as ask:
        found = (key for page in pages(ask, prefix) for key in page)
        if form == "json":
            click.echo(json.dumps(list(dict.fromkeys(found)), indent=2, ensure_ascii=False))
            return
        raw = not sys.stdout.isatty()
        for key in found:
            click.echo(key if raw else printable(key))


@command.command("get", help="Print a key's value: its very bytes, unless to a terminal.")
@click.argument("key", type=KEY)
@format_option
@on_store
def get_key(target: Target, key: str, form: str) -> None:
    with target.asked() as ask:
        found = ask("get", key=key)["value"]
    if found is None:
        raise NoSuchKey(
            f"store `{target.store}` has no key `{printable(key)}`",
            hints=("`spindle kv list` prints those it has",),
        )
    if form == "json":
        click.echo(json.dumps({"key": key, **found}, ensure_ascii=False))
    elif sys.stdout.isatty():
        click.echo(shown_value(value_of(found)))
    else:
        click.echo(value_of(found), nl=False)


@command.command("set", help="Set a key: to a text, to `@FILE`'s bytes, or to what `-` reads.")
@click.argument("key", type=KEY)
@click.argument("value", metavar="VALUE|@FILE|-")
@on_store
def set_key(target: Target, key: str, value: str) -> None:
    data = read_value(value)
    with target.asked(writing=True) as ask:
        ask("set", key=key, value=document(data))


@command.command("delete", help="Remove keys.")
@click.argument("keys", metavar="[KEY]...", type=KEY, nargs=-1)
@prefix_option
@on_store
def delete_keys(target: Target, keys: tuple[str, ...], prefix: str) -> None:
    if bool(keys) == bool(prefix):
        parameters.refuse("say which keys to delete: by name, or all with a `--prefix`")
    with target.asked() as ask:
        doomed = list(keys) or [key for page in pages(ask, prefix) for key in page]
        for key in doomed:
            ask("delete", key=key)
    if prefix:
        render.write(f"deleted {counted(len(doomed), 'key')}")


@command.command("export", help="Print keys and values, a JSON object a line.")
@prefix_option
@on_store
def export_keys(target: Target, prefix: str) -> None:
    with target.asked() as ask:
        for key in (key for page in pages(ask, prefix) for key in page):
            value = ask("get", key=key)["value"]
            if value is not None:  # removed meanwhile
                click.echo(json.dumps({"key": key, **value}, ensure_ascii=False))


@command.command("import", help="Set what `export` printed; other keys stay as they are.")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@on_store
def import_keys(target: Target, file: Any) -> None:
    count = 0
    with target.asked(writing=True) as ask:
        for items in batches(file):
            ask("set", items=items)
            count += len(items)
    render.write(f"set {counted(count, 'key')}")


def batches(lines: Iterator[str]) -> Iterator[list[dict[str, Any]]]:
    """The keys and values of an export, as many as are set at once; raises `NotAnExport`."""
    items: list[dict[str, Any]] = []
    size = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        items.append(_item(number, line))
        size += len(line)
        if len(items) == TOGETHER or size > LARGE:
            yield items
            items, size = [], 0
    if items:
        yield items


def _item(number: int, line: str) -> dict[str, Any]:
    try:
        given = json.loads(line)
        key = given.pop("key")
        value_of(given)
    except (ValueError, KeyError, AttributeError, BadParams) as error:
        raise NotAnExport(
            f"line {number} is no key with its value: {error}",
            hints=('a line is `{"key": "a", "encoding": "utf-8", "data": "one"}`',),
        ) from None
    return {"key": key, "value": given}


def read_value(text: str) -> bytes:
    """What `VALUE`, `@FILE` or `-` stands for."""
    if text == "-":
        return sys.stdin.buffer.read()
    if not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape")
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise UserError(f"`{text[1:]}` can't be read: {error.strerror}") from None


def shown_value(value: bytes) -> str:
    """A value as people read it: text, or bytes in hexadecimal."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "\n".join(_hex_lines(value))
    return text if printable(text, keep="\n\t", limit=len(text)) == text else repr(text)


def _hex_lines(value: bytes) -> Iterator[str]:
    for start in range(0, len(value), 16):
        row = value[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        yield f"{start:08x}  {row.hex(' ', -8):35}  {text}"

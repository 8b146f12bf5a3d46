"""`spindle exchanges`: what the application was asked, and what came of it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import click

from spindle.cli import render
from spindle.cli.filters import FILTER
from spindle.cli.kept_exchanges import Kept, open_kept, store_path
from spindle.cli.sources import find_source
from spindle.cli.state_app import state_options
from spindle.dev.painting import line_paint
from spindle.exchange import Filter, Summary
from spindle.exchange.lines import exchange_line
from spindle.history import Store, mask
from spindle.history.masking import masked_summary

POLL_SECONDS = 0.2
"""How soon a new exchange is seen."""


class Form(NamedTuple):
    """How exchanges are printed."""

    json: bool
    whole: bool
    secrets: bool


@click.command("exchanges", help="List the exchanges that were kept, the newest last.")
@click.option(
    "--where",
    type=FILTER,
    metavar="FILTER",
    help="Those that pass a filter, such as `status>=500 component:api path~/v1 slow>100ms`.",
)
@click.option("--follow", is_flag=True, help="Go on with those that come.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="At most so many of those that were.  [default: 100; to follow: 10]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print them; JSON is an object a line.",
)
@click.option("--whole", is_flag=True, help="As JSON all of them, with bodies and host calls.")
@click.option("--show-secrets", is_flag=True, help="Do not mask credentials.")
@state_options
def command(
    where: Filter | None,
    follow: bool,
    limit: int | None,
    form: str,
    whole: bool,
    show_secrets: bool,
    source: Path | None,
    state_dir: str | None,
    runtime_config_file: Path | None,
) -> None:
    manifest = find_source(source, "exchanges").path
    printed = Form(form == "json", whole, show_secrets)
    if follow:
        path = store_path(manifest, state_dir, runtime_config_file)
        _follow(path, where, 10 if limit is None else limit, printed)
        return
    with open_kept(manifest, state_dir, runtime_config_file) as kept:
        if kept is None:
            render.write("no exchanges have been kept yet: `spindle up` does")
            return
        for summary in reversed(kept.list(where, limit=100 if limit is None else limit)):
            _print(kept, summary, printed)


def _follow(path: Path, where: Filter | None, limit: int, form: Form) -> None:
    """Print what is kept and what comes, until interrupted."""
    for number, (store, new) in enumerate(_coming(path)):
        wanted = store.list(where, limit=limit)[::-1] if number == 0 else new
        for summary in wanted:
            if number == 0 or _passes(store, summary, where):
                _print(store, summary, form)
        sys.stdout.flush()


def _passes(store: Store, summary: Summary, where: Filter | None) -> bool:
    if where is None:
        return True
    return where.matches(summary, store.get(summary.id) if where.needs_document else None)


def _coming(path: Path) -> Iterator[tuple[Store, list[Summary]]]:
    """A database and what is new in it, oldest first, again and again; first there is nothing."""
    last: str | None = None
    while True:
        if not path.exists():
            time.sleep(POLL_SECONDS)
            continue
        with closing(Store.read(path)) as store:
            if last is None:
                last = _newest(store)
                yield store, []
            while store.is_current:
                if new := store.list(after=last, limit=None)[::-1]:
                    last = new[-1].id
                    yield store, new
                time.sleep(POLL_SECONDS)


def _newest(store: Store) -> str:
    """The id of what was kept last; one that is before every other if there is nothing."""
    newest = store.list(limit=1)
    return newest[0].id if newest else "0"


def _print(kept: Kept, summary: Summary, form: Form) -> None:
    if not form.json:
        shown = summary if form.secrets else masked_summary(summary)
        click.echo(exchange_line(shown, line_paint(sys.stdout)), color=True)
        return
    if form.whole:
        document = kept.get(summary.id)
        if document is not None:
            click.echo(json.dumps(document if form.secrets else mask(document)))
        return
    click.echo(json.dumps((summary if form.secrets else masked_summary(summary))._asdict()))

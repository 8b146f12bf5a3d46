"""`spindle export`: exchanges as text for other tools, of an application that runs or not."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spindle.cli.sources import find_source, manifest_option
from spindle.errors import UserError

if TYPE_CHECKING:
    from spindle.client import RunFile
    from spindle.exchange import Json

FORMATS = ("curl", "http", "har", "python", "pytest", "json")
"""As `spindle.history.exports` has them, which is not imported for the sake of help."""
MOST = 1000
"""Exchanges at once."""
ID_LENGTH = 22


class NothingChosen(UserError):
    """No exchange is meant by what was asked for."""

    code = "no-such-exchange"


@click.command(
    "export",
    help="Print exchanges as text for other tools. WHICH are ids or the beginnings of such, or a "
    "filter such as `status>=500 path~/v1`. Credentials are masked.",
)
@click.argument("which", nargs=-1, required=True)
@manifest_option
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="curl",
    show_default=True,
    help="What to print: commands, an `.http` file, an HTTP archive, code, tests, the records.",
)
@click.option("--secrets", is_flag=True, help="Print credentials too.")
@click.option("--state-dir", metavar="DIRECTORY", help="Where state is kept.  [default: .spin]")
def command(
    which: tuple[str, ...], source: Path | None, form: str, secrets: bool, state_dir: str | None
) -> None:
    from spindle.cli.state_app import running_host

    path = find_source(source, "export").path
    ids = list(which) if all(map(_may_be_id, which)) else None
    run_file = running_host(path)
    if run_file is not None:
        text = _by_host(run_file, ids, " ".join(which), form, secrets)
    else:
        from spindle.history.exports import export_exchanges

        documents = _kept(path, state_dir, ids, " ".join(which))
        text = export_exchanges(documents, form, secrets=secrets)
    click.echo(text, nl=False)


def _may_be_id(word: str) -> bool:
    return len(word) <= ID_LENGTH and not set(word) - set("0123456789abcdef")


def _by_host(run_file: RunFile, ids: list[str] | None, where: str, form: str, secrets: bool) -> str:
    from spindle.client import connect

    which: dict[str, object] = {"where": where} if ids is None else {"ids": ids}
    with connect(run_file, timeout=60.0) as host:
        params = {**which, "format": form, "secrets": secrets}
        return str(host.call("exchange/export", params)["text"])


def _kept(path: Path, state_dir: str | None, ids: list[str] | None, where: str) -> list[Json]:
    """The exchanges that are meant of those that are kept, oldest first."""
    from spindle.cli.state_app import stopped_app
    from spindle.exchange.filters import parse_filter
    from spindle.history import Store

    state = stopped_app(path, state_dir, None).directories.state
    database = None if state is None else state / "spindle" / "exchanges.db"
    if database is None or not database.is_file():
        raise NothingChosen(
            "no exchanges of this application are kept", hints=("`spindle up` keeps them",)
        )
    with closing(Store.read(database)) as store:
        chosen = ids or [each.id for each in store.list(parse_filter(where), limit=MOST)][::-1]
        found = [(id_, store.get(id_)) for id_ in chosen]
    for id_, document in found:
        if document is None:
            raise NothingChosen(f"no exchange is kept whose id is or begins with `{id_}`")
    if not found:
        raise NothingChosen(f"no exchange is kept that `{where}` means")
    return [document for _, document in found if document is not None]

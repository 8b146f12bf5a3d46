"""`spindle export`: exchanges as text for other tools, of an application that runs or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spindle.cli.sources import find_source
from spindle.cli.state_app import running_host, state_options
from spindle.client import connect

if TYPE_CHECKING:
    from spindle.client import RunFile
    from spindle.exchange import Json

FORMATS = ("curl", "http", "har", "python", "pytest", "json")
"""As `spindle.history.exports` has them, which is not imported for the sake of help."""
MOST = 1000
"""Exchanges at once."""
ID_LENGTH = 22


@click.command(
    "export",
    help="Print exchanges as text for other tools. WHICH are ids or the beginnings of such, or a "
    "filter such as `status>=500 path~/v1`. Credentials are masked.",
)
@click.argument("which", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="curl",
    show_default=True,
    help="What to print: commands, an `.http` file, an HTTP archive, code, tests, the records.",
)
@click.option("--show-secrets", is_flag=True, help="Do not mask credentials.")
@state_options
def command(
    which: tuple[str, ...],
    form: str,
    show_secrets: bool,
    source: Path | None,
    state_dir: str | None,
    runtime_config_file: Path | None,
) -> None:
    manifest = find_source(source, "export").path
    ids = list(which) if all(map(_may_be_id, which)) else None
    run_file = running_host(manifest)
    if run_file is not None:
        # A host knows also what it has not written yet.
        text = _by_host(run_file, ids, " ".join(which), form, show_secrets)
    else:
        from spindle.history.exports import export_exchanges

        documents = _kept((manifest, state_dir, runtime_config_file), ids, " ".join(which))
        text = export_exchanges(documents, form, secrets=show_secrets)
    click.echo(text, nl=False)


def _may_be_id(word: str) -> bool:
    return len(word) <= ID_LENGTH and not set(word) - set("0123456789abcdef")


def _by_host(run_file: RunFile, ids: list[str] | None, where: str, form: str, secrets: bool) -> str:
    which: dict[str, object] = {"where": where} if ids is None else {"ids": ids}
    with connect(run_file, timeout=60.0) as host:
        params = {**which, "format": form, "secrets": secrets}
        return str(host.call("exchange/export", params)["text"])


def _kept(
    app: tuple[Path, str | None, Path | None], ids: list[str] | None, where: str
) -> list[Json]:
    """The exchanges that are meant of those that are kept, oldest first."""
    from spindle.cli.kept_exchanges import NoSuchExchange, open_kept
    from spindle.exchange import parse_filter

    hints = ("`spindle exchanges` lists those that are",)
    with open_kept(*app) as kept:
        if kept is None:
            raise NoSuchExchange("no exchanges have been kept yet", hints=("`spindle up` does",))
        chosen = ids or [each.id for each in kept.list(parse_filter(where), limit=MOST)][::-1]
        found = [(id_, kept.get(id_)) for id_ in chosen]
    for id_, document in found:
        if document is None:
            message = f"no exchange is kept whose id is or begins with `{id_}`"
            raise NoSuchExchange(message, hints=hints)
    if not found:
        raise NoSuchExchange(f"no exchange is kept that `{where}` means", hints=hints)
    return [document for _, document in found if document is not None]

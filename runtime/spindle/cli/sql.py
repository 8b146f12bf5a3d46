"""`spindle sql`: statements on the SQLite databases of an application, running or not."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from spindle.cli import parameters, render, sql_results
from spindle.cli.state_app import StoppedApp, app_state, state_options
from spindle.dev.control import Method
from spindle.dev.methods.databases import MOST_ROWS, database_methods
from spindle.dev.sql_scripts import read_statements
from spindle.factors.sqlite import DEFAULT, Databases

ROWS_SHOWN = 200
"""Rows of a table, unless told."""

TABLES = """
SELECT name, type FROM sqlite_schema
WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name
"""
SCHEMA = """
SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
AND (?1 IS NULL OR lower(tbl_name) = lower(?1)) ORDER BY tbl_name, type <> 'table', type, name
"""


class Stopped(NamedTuple):
    """The databases of an application that is not running."""

    databases: Databases

    def methods(self) -> Mapping[str, Method]:
        """Those of a running one."""
        return database_methods(self.databases)

    async def close(self) -> None:
        """Close what is open."""
        await self.databases.close()


class Asked(NamedTuple):
    """Statements as the command line has them."""

    sql: str
    parameters: tuple[str | None, ...] = ()
    origin: str | None = None


def read_asked(statements: str) -> Asked:
    """What `SQL`, `@FILE` or `-` stands for."""
    if statements == "-":
        return Asked(sys.stdin.read(), origin="<stdin>")
    if statements.startswith("@"):
        path = Path(statements[1:])
        return Asked(read_statements(path), origin=str(path))
    return Asked(statements)


@click.command("sql", help="Execute SQL on a database of a running or stopped application.")
@click.argument("statements", metavar="[SQL|@FILE|-]", required=False)
@click.option(
    "--database", default=DEFAULT, show_default=True, metavar="LABEL", help="Which database."
)
@click.option("--tables", is_flag=True, help="Print its tables and views.")
@click.option(
    "--schema",
    is_flag=False,
    flag_value="",
    metavar="[TABLE]",
    help="Print the statements that made it, or one table.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to print rows.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="ROWS",
    help=f"The most rows to print of each result; 0 for all.  [default: {ROWS_SHOWN} of a table]",
)
@state_options
def command(
    statements: str | None,
    database: str,
    tables: bool,
    schema: str | None,
    form: str,
    limit: int | None,
    source: Path | None,
    state_dir: str | None,
    runtime_config_file: Path | None,
) -> None:
    if [statements is not None, tables, schema is not None].count(True) != 1:
        parameters.refuse("say one of: statements, `--tables`, `--schema`")
    if schema is not None:
        asked = Asked(SCHEMA, (schema or None,))
    else:
        asked = Asked(TABLES) if statements is None else read_asked(statements)
    if limit is None and form == "table" and schema is None:
        limit = ROWS_SHOWN
    params: dict[str, object] = {
        "sql": asked.sql,
        "database": database,
        "origin": asked.origin,
        "limit": limit or MOST_ROWS,
        "parameters": list(asked.parameters),
    }
    with app_state("sql", source, state_dir, runtime_config_file, serve) as call:
        results = call("sql/query", params)["results"]
    if schema is not None:
        show_schema(results[0], schema)
    else:
        show(results, form)


def serve(app: StoppedApp) -> Stopped:
    """The databases that `spindle up` would open."""
    return Stopped(Databases(app.config, app.directories.state))


def show_schema(result: dict[str, Any], name: str) -> None:
    """Print statements, so that they can be executed again."""
    if name and not result["rows"]:
        parameters.refuse(
            f"there is no table `{name}`", "`spindle sql --tables` prints those there are"
        )
    for (sql,) in result["rows"]:
        click.echo(f"{sql};")


def show(results: list[dict[str, Any]], form: str) -> None:
    """Print results; what is no row goes to stderr."""
    if form == "json":
        click.echo(sql_results.json_text(results))
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for number, result in enumerate(results):
        if result["columns"] and form == "table":
            click.echo("\n" * bool(number) + "\n".join(sql_results.table(result, width)))
        elif result["columns"] and form == "csv":
            click.echo("".join(sql_results.csv(result)), nl=False)
        told = sql_results.summary(result)
        if told is not None and (form == "table" or len(result["rows"]) != result["count"]):
            render.write(told)

"""Statements that people have executed: by `--sqlite` when a host starts, by `spindle sql`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from spindle.errors import ExitCode, HostError, UserError
from spindle.factors.sqlite import DEFAULT, Connection, Database, SqliteError
from spindle.factors.sqlite.database import Rows, Value
from spindle.factors.sqlite.statements import Statement, statements_of
from spindle.text import counted, nearest_name, printable, quoted_list

Take = Callable[[Statement, Rows], Awaitable[None]]
"""Deals with a statement's result, reading it to its end or closing it."""

LONGEST_SHOWN = 200
"""Characters shown of a line that has a mistake."""


class StatementFailed(HostError):
    """A database did not do what a person asked."""

    code = "statement-failed"
    exit_code = ExitCode.FAILED


class NoSuchDatabase(UserError):
    """No SQLite database has that label."""

    code = "no-such-database"


class Script(NamedTuple):
    """Statements for one database."""

    text: str
    database: str = DEFAULT
    origin: str | None = None
    """The file they are from."""


def read_script(option: str) -> Script:
    """What `SQL`, `@FILE` or `@FILE:LABEL` stands for; raises `UserError`."""
    if not option.startswith("@"):
        return Script(option)
    file, colon, label = option[1:].strip().partition(":")
    file, label = file.strip(), label.strip()
    if not file or (colon and not label):
        what = "a database's label" if file else "a file"
        raise UserError(
            f"`--sqlite {option}` lacks {what}", hints=("say `@FILE`, or `@FILE:LABEL`",)
        )
    return Script(read_statements(Path(file)), label or DEFAULT, file)


def read_statements(path: Path) -> str:
    """A file's text; raises `UserError`."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UserError(f"`{path}` can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"`{path}` is not UTF-8 text") from None


def database_of(label: str, databases: Mapping[str, Database]) -> Database:
    """The database of a label; raises `NoSuchDatabase`."""
    if label not in databases:
        near = nearest_name(label, databases)
        hint = f"did you mean `{near}`?" if near else f"defined: {quoted_list(sorted(databases))}"
        raise NoSuchDatabase(f"no SQLite database has the label `{label}`", hints=(hint,))
    return databases[label]


async def execute(
    script: Script, connection: Connection, take: Take, parameters: Sequence[Value] = ()
) -> None:
    """Execute statements one after another; raises `StatementFailed` for the first that fails."""
    for before, statement in enumerate(statements_of(script.text)):
        try:
            await take(statement, await connection.query(statement.text, parameters))
        except SqliteError as error:
            raise failure(script, statement, error, before) from None


async def run_script(script: Script, databases: Mapping[str, Database]) -> None:
    """Execute a script, whatever its statements answer; raises `UserError`, `StatementFailed`."""
    connection = database_of(script.database, databases).connect()
    try:
        await execute(script, connection, _ignore)
    finally:
        await connection.close()


async def _ignore(_statement: Statement, rows: Rows) -> None:
    async for _ in rows.chunks:
        pass


def failure(
    script: Script, statement: Statement, error: SqliteError, before: int
) -> StatementFailed:
    """What to tell of a mistake: where it is, the line it is in, and what was done before it."""
    right = statement.text.encode()[: error.offset or 0].decode(errors="ignore")
    at = statement.start + len(right)
    line = script.text.count("\n", 0, at) + 1
    first = script.text.rfind("\n", 0, at) + 1
    shown = script.text[first:].partition("\n")[0]
    place = f"{line}:{at - first + 1}"
    place = f"{script.origin}:{place}" if script.origin else f"line {place}"
    hints = [f"{place}: {printable(shown.strip(), limit=LONGEST_SHOWN)}"]
    if before:
        hints.append(f"what comes before it was executed: {counted(before, 'statement')}")
    return StatementFailed(f"database `{script.database}`: {error}", hints=tuple(hints))

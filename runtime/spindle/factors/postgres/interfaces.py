"""The interfaces PostgreSQL is reached by.

The unversioned one connects for each statement, the second keeps connections, the third has dates
and times, the fourth many more types and errors with their parts; 4.1 adds certificates to trust,
4.2 functions that do not hold their callers up, and rows that stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.component.host import HostFunc, HostInterface
from spindle.factors.answering import Spelling, Work, answered
from spindle.factors.postgres.address import shown
from spindle.factors.postgres.encoding import Parameter, parameter
from spindle.factors.postgres.failures import spelled_4
from spindle.factors.postgres.session import Statement
from spindle.factors.postgres.trust import checked_certificate
from spindle.factors.postgres.vocabulary import VERSION_2, VERSION_3, VERSION_4, Vocabulary
from spindle.factors.rdbms import (
    DatabaseError,
    once,
    seen_address,
    seen_rows,
    spelled,
    spelled_unversioned,
)
from spindle.factors.streaming import streamed

if TYPE_CHECKING:
    from spindle.factors.postgres import Connection


class Version(NamedTuple):
    """How a version differs from others in its words."""

    words: Vocabulary
    spelling: Spelling
    has_unsigned: bool = False
    """Whether it has numbers for parameters that PostgreSQL has not."""


class Builder:
    """The resource `connection-builder`."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.certificate = ""
        self.label = shown(address)
        """What it is called in records."""


_VERSION_1 = Version(VERSION_2, spelled_unversioned, has_unsigned=True)
_VERSION_2 = Version(VERSION_2, spelled, has_unsigned=True)
_VERSION_3 = Version(VERSION_3, spelled)
_VERSION_4 = Version(VERSION_4, spelled_4)


async def _open(task: Any, address: str, certificate: str = "") -> Connection:
    state = task.inst.state
    connection: Connection = await state.factors["postgres"].open(state, address, certificate)
    return connection


def _new_builder(task: Any, address: str) -> Builder:
    task.inst.state.touched = True
    return Builder(address)


async def _set_ca_root(_task: Any, builder: Builder, certificate: str) -> None:
    try:
        builder.certificate = checked_certificate(certificate)
    except ValueError as error:
        raise DatabaseError("other", f"invalid root certificate: {error}") from None


async def _build(task: Any, builder: Builder) -> Connection:
    return await _open(task, builder.address, builder.certificate)


def _parameters(values: Iterable[Any], case: str) -> list[Parameter]:
    """What to send; raises `DatabaseError` of the case Spin has for where it looks at them."""
    try:
        return [parameter(value) for value in values]
    except ValueError as error:
        raise DatabaseError(case, str(error)) from None


def _statement(version: Version, text: str, values: Sequence[Any], case: str) -> Statement:
    if version.has_unsigned and any(label.startswith("uint") for label, _ in values):
        reason = "Postgres does not support unsigned integers"
        raise DatabaseError("value-conversion-failed", reason)
    return Statement(text.encode(), _parameters(values, case), version.words)


def _query(version: Version) -> Work:
    async def query(_task: Any, connection: Connection, text: str, values: Any) -> Any:
        return await connection.session.query(_statement(version, text, values, "bad-parameter"))

    return query


def _execute(version: Version) -> Work:
    async def execute(_task: Any, connection: Connection, text: str, values: Any) -> int:
        case = "value-conversion-failed"
        return await connection.session.execute(_statement(version, text, values, case))

    return execute


async def _stream(_task: Any, connection: Connection, text: str, values: Any) -> Any:
    session = connection.session
    result = await session.stream(_statement(_VERSION_4, text, values, "bad-parameter"))
    elements, outcome = streamed(result.rows, spelled_4)
    session.streaming(elements.hurry)
    assert elements.producer is not None
    elements.on_drop = elements.producer.cancel
    return result.columns, elements, outcome


def _functions(
    interface: str, spelling: Spelling, works: dict[str, tuple[Work, dict[str, Any]]]
) -> dict[str, HostFunc]:
    return {
        name: answered(interface, name.rpartition(".")[2], work, spelling, **seeing)
        for name, (work, seeing) in works.items()
    }


_ADDRESS: dict[str, Any] = {"seen_args": seen_address(shown)}
_ROWS: dict[str, Any] = {"seen_result": seen_rows}


def _kept(version: Version) -> dict[str, tuple[Work, dict[str, Any]]]:
    """What versions have whose connections are kept."""
    return {
        "[static]connection.open": (_open, _ADDRESS),
        "[method]connection.query": (_query(version), _ROWS),
        "[method]connection.execute": (_execute(version), {}),
    }


def _release(connection: Connection) -> None:
    connection.release()


_UNVERSIONED, _SPIN_2, _SPIN_3, _SPIN_4 = (
    "fermyon:spin/postgres",
    "fermyon:spin/postgres@2.0.0",
    "spin:postgres/postgres@3.0.0",
    "spin:postgres/postgres@4.2.0",
)
_RESOURCES = {"connection": _release}

INTERFACES = {
    _UNVERSIONED: HostInterface(
        _functions(
            _UNVERSIONED,
            spelled_unversioned,
            {
                "query": (once(_open, _query(_VERSION_1)), _ADDRESS | _ROWS),
                "execute": (once(_open, _execute(_VERSION_1)), _ADDRESS),
            },
        )
    ),
    _SPIN_2: HostInterface(_functions(_SPIN_2, spelled, _kept(_VERSION_2)), _RESOURCES),
    _SPIN_3: HostInterface(_functions(_SPIN_3, spelled, _kept(_VERSION_3)), _RESOURCES),
    _SPIN_4: HostInterface(
        {
            "[constructor]connection-builder": _new_builder,
            **_functions(
                _SPIN_4,
                spelled_4,
                {
                    **_kept(_VERSION_4),
                    "[method]connection-builder.set-ca-root": (_set_ca_root, {}),
                    "[method]connection-builder.build": (_build, {}),
                    "[method]connection-builder.build-async": (_build, {}),
                    "[static]connection.open-async": (_open, _ADDRESS),
                    "[method]connection.query-async": (_stream, _ROWS),
                    "[method]connection.execute-async": (_execute(_VERSION_4), {}),
                },
            ),
        },
        {**_RESOURCES, "connection-builder": None},
    ),
}
"""Version 4.2 serves 4.0 and 4.1 too."""

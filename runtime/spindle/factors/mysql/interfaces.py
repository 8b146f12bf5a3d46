"""The interfaces MySQL is reached by: Spin's three generations.

The unversioned one connects for each statement; the second keeps connections; the third streams
rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spindle.component.host import HostInterface
from spindle.factors.answering import answered
from spindle.factors.mysql.session import Session
from spindle.factors.outbound_url import without_password
from spindle.factors.rdbms import (
    once,
    row_set,
    seen_address,
    seen_rows,
    spelled,
    spelled_unversioned,
)
from spindle.factors.streaming import streamed

_UNVERSIONED, _SPIN_2, _SPIN_3 = (
    "fermyon:spin/mysql",
    "fermyon:spin/mysql@2.0.0",
    "spin:mysql/mysql@3.0.0",
)


def _values(parameters: Sequence[Any]) -> list[Any]:
    """A list of `parameter-value`s as Python values."""
    return [value for _case, value in parameters]


async def _open(task: Any, url: str) -> Session:
    state = task.inst.state
    session: Session = await state.factors["mysql"].open(state, url)
    return session


async def _query(_task: Any, session: Session, statement: str, parameters: Any) -> Any:
    return row_set(*await session.connection.query(statement, _values(parameters)))


async def _execute(_task: Any, session: Session, statement: str, parameters: Any) -> None:
    await session.connection.execute(statement, _values(parameters))


async def _stream(_task: Any, session: Session, statement: str, parameters: Any) -> Any:
    columns, rows = await session.connection.stream(statement, _values(parameters))
    return columns, *streamed(rows, spelled)


_ADDRESS = seen_address(without_password)

INTERFACES = {
    _UNVERSIONED: HostInterface(
        {
            name: answered(
                _UNVERSIONED, name, once(_open, work), spelled_unversioned, seen_args=_ADDRESS
            )
            for name, work in (("query", _query), ("execute", _execute))
        }
    ),
    **{
        interface: HostInterface(
            {
                "[static]connection.open": answered(
                    interface, "open", _open, spelled, seen_args=_ADDRESS
                ),
                "[method]connection.query": answered(
                    interface, "query", query, spelled, seen_result=seen_rows
                ),
                "[method]connection.execute": answered(interface, "execute", _execute, spelled),
            },
            {"connection": Session.release},
        )
        for interface, query in ((_SPIN_2, _query), (_SPIN_3, _stream))
    },
}

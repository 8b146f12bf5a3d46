"""What asyncmy raises, as guests are told of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from spindle.factors.dialling import reason
from spindle.factors.rdbms import DatabaseError


@contextmanager
def told_as(case: str) -> Iterator[None]:
    """Raise what goes wrong within as a `DatabaseError` of a case; one that is raised stays."""
    try:
        yield
    except DatabaseError:
        raise
    except Exception as error:  # a server that speaks nonsense makes asyncmy raise anything
        raise DatabaseError(case, _sentence(error)) from error


def said_by_server(error: BaseException | None) -> bool:
    """Whether it is an error of the server's, after which the connection goes on."""
    return getattr(error, "sqlstate", None) is not None


def _sentence(error: Exception) -> str:
    from asyncmy.errors import MySQLError

    match error:
        case MySQLError(args=(number, text)) if said_by_server(error):
            return f"ERROR {number} ({getattr(error, 'sqlstate', '')}): {text}"
        case MySQLError(args=(_, text)):
            return str(text)
        case TimeoutError():
            return "the server does not answer"
        case OSError():
            return reason(error)
    return f"the server's answer makes no sense: {error}"

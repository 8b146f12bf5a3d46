"""Exchanges: the record of each invocation of a guest, and what is told of one in a line.

An `Exchange` is written while its guest runs. Beyond the host it is a document, the JSON form that
`Exchange.to_json` gives; a `Summary` is what lists show of one.
"""

from typing import TYPE_CHECKING, Any

from spindle.exchange.record import (
    BODY_LIMIT,
    CALL_LIMIT,
    LOG_LIMIT,
    VERSION,
    Body,
    Call,
    Exchange,
    Frame,
    HttpInput,
    HttpOutput,
    Json,
    Recorded,
    Secret,
    Traceback,
    Trap,
    Write,
    bytes_of,
    new_id,
    plain_json,
)
from spindle.exchange.summary import Summary, summary_of, summary_of_document

if TYPE_CHECKING:
    from spindle.exchange.filters import Completion, Filter, FilterError, complete, parse_filter

__all__ = [
    "BODY_LIMIT",
    "CALL_LIMIT",
    "LOG_LIMIT",
    "VERSION",
    "Body",
    "Call",
    "Completion",
    "Exchange",
    "Filter",
    "FilterError",
    "Frame",
    "HttpInput",
    "HttpOutput",
    "Json",
    "Recorded",
    "Secret",
    "Summary",
    "Traceback",
    "Trap",
    "Write",
    "bytes_of",
    "complete",
    "new_id",
    "parse_filter",
    "plain_json",
    "summary_of",
    "summary_of_document",
]


def __getattr__(name: str) -> Any:
    # Hosts that nobody asks for some of their exchanges do without filters.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from spindle.exchange import filters

    return getattr(filters, name)

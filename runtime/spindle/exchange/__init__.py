"""Exchanges: the record of each invocation of a guest, and what is told of one in a line.

An `Exchange` is written while its guest runs. Beyond the host it is a document, the JSON form that
`Exchange.to_json` gives; a `Summary` is what lists show of one.
"""

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
    Secret,
    Traceback,
    Trap,
    Write,
    new_id,
)
from spindle.exchange.summary import Summary, summary_of

__all__ = [
    "BODY_LIMIT",
    "CALL_LIMIT",
    "LOG_LIMIT",
    "VERSION",
    "Body",
    "Call",
    "Exchange",
    "Frame",
    "HttpInput",
    "HttpOutput",
    "Json",
    "Secret",
    "Summary",
    "Traceback",
    "Trap",
    "Write",
    "new_id",
    "summary_of",
]

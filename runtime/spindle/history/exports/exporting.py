"""Which formats there are, and what of some exchanges can be said in one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from spindle.errors import UserError
from spindle.history.exports.curl import curl_commands
from spindle.history.exports.har import har_archive
from spindle.history.exports.http_file import http_text
from spindle.history.exports.pytest_case import pytest_cases
from spindle.history.exports.python_code import python_script
from spindle.history.exports.request import Sent, request_of
from spindle.history.masking import mask
from spindle.text import counted, quoted_list

Json = dict[str, Any]
Pair = tuple[Json, Sent]

FORMATS = ("curl", "http", "har", "python", "pytest", "json")


class CannotExport(UserError):
    """Nothing of some exchanges can be said in a format."""

    code = "cannot-export"


def export_exchanges(documents: Sequence[Json], form: str, *, secrets: bool = False) -> str:
    """Exchanges in one of `FORMATS`; only `json` has those that are no HTTP requests.

    Raises `CannotExport` if there is no such format, or nothing to say in it.
    """
    if form not in FORMATS:
        raise CannotExport(
            f"there is no format `{form}`", hints=(f"the formats are {quoted_list(FORMATS)}",)
        )
    shown = list(documents) if secrets else [mask(document) for document in documents]
    if form == "json":
        whole = shown[0] if len(shown) == 1 else shown
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    pairs = [(each, sent) for each in shown if (sent := request_of(each)) is not None]
    if not pairs:
        what = "these exchanges are" if len(shown) > 1 else "this exchange is"
        raise CannotExport(
            f"{what} no HTTP request, which `{form}` is for",
            hints=("`json` has exchanges of any kind",),
        )
    left = len(shown) - len(pairs)
    note = f"left out: {counted(left, 'exchange')} of other triggers" if left else ""
    if form == "har":
        return har_archive(pairs, note)
    text = _WRITERS[form](pairs)
    return f"# {note}\n{text}" if note else text


def _of_requests(write: Callable[[list[Sent]], str]) -> Callable[[list[Pair]], str]:
    return lambda pairs: write([sent for _, sent in pairs])


_WRITERS: dict[str, Callable[[list[Pair]], str]] = {
    "curl": _of_requests(curl_commands),
    "http": _of_requests(http_text),
    "python": _of_requests(python_script),
    "pytest": pytest_cases,
}

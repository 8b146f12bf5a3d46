"""Which formats there are, and which one a text is in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from spindle.exchange import VERSION
from spindle.history.imports.curl import read_curl
from spindle.history.imports.har import read_har
from spindle.history.imports.http_file import Resolve, read_http
from spindle.history.imports.reading import Imported, Problem

FORMATS = ("har", "curl", "http", "json")

_SHELL = re.compile(r"(?:\s*#[^\n]*\n)*\s*(?:\$ )?(?:\S*/)?(?:curl(?:\.exe)?|printf)\s")


def import_requests(
    text: str, form: str | None = None, variables: Mapping[str, str] | Resolve | None = None
) -> Imported:
    """The requests of a text in one of `FORMATS`; without one, the text shows which it is."""
    match form or format_of(text):
        case "har":
            return read_har(text)
        case "curl":
            return read_curl(text)
        case "http":
            return read_http(text, variables)
        case "json":
            return _read_json(text)
    return Imported((), (Problem(0, f"there is no format `{form}`"),))


def format_of(text: str) -> str:
    """The format a text is most likely in."""
    if text.lstrip().startswith(("{", "[")):
        return "har" if re.search(r'"entries"\s*:', text) else "json"
    return "curl" if _SHELL.match(text) else "http"


def _read_json(text: str) -> Imported:
    """Documents as they were exported."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Imported((), (Problem(0, f"the text is no JSON: {error}"),))
    documents = found if isinstance(found, list) else [found]
    good = [each for each in documents if isinstance(each, dict) and "input" in each]
    if (other := next((each for each in good if each.get("v") != VERSION), None)) is not None:
        message = f"this is version {other.get('v')!r} of the format; {VERSION} is understood"
        return Imported((), (Problem(0, message),))
    left = len(documents) - len(good)
    problems = (Problem(0, f"{left} of {len(documents)} values are no exchanges"),) if left else ()
    return Imported(tuple(good), problems)

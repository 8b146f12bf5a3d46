"""Saved exchanges as test cases: each is repeated, and has to come out as it was recorded.

A case is a file `NAME.exchange.json`: an exchange as it is exported, and, if wanted, `ignore` with
patterns of what may differ: `output.headers.date`, `output.body.items[*].id`, `calls.*`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from spindle.client import Difference
from spindle.door.app import App
from spindle.door.result import ExchangeResult, Json
from spindle.errors import SpindleError, UserError
from spindle.exchange import VERSION
from spindle.text import printable, quoted_list

PATTERN = "*.exchange.json"
FOLDER = Path("tests", "exchanges")
"""Where an application keeps its cases."""
MOST_SHOWN = 20
"""Differences that a failure lists."""


class CaseError(UserError):
    """A file is no case."""

    code = "wrong-case"


class Case(NamedTuple):
    """One exchange to be repeated."""

    path: Path
    name: str
    document: Json
    ignored: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What came of a case."""

    case: Case
    took: float
    """Seconds."""
    exchange: ExchangeResult | None = None
    differences: tuple[Difference, ...] = ()
    error: str | None = None
    """Why it could not be repeated."""

    @property
    def passed(self) -> bool:
        """Whether it came out as it was recorded."""
        return self.error is None and not self.differences


def find_cases(folder: Path) -> list[Path]:
    """The cases in a folder and below, by name."""
    return sorted(path for path in folder.rglob(PATTERN) if path.is_file())


def read_case(path: Path) -> Case:
    """The case of a file; raises `CaseError`."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CaseError(f"the case `{path}` can't be read: {error}", path=path) from None
    if not isinstance(document, dict) or not {"input", "trigger"} <= document.keys():
        raise CaseError(
            f"the case `{path}` is no exchange",
            hints=("`spindle export ID --format json` writes one",),
            path=path,
        )
    if document.get("v") != VERSION:
        raise CaseError(
            f"the case `{path}` is of version {document.get('v')!r} of the format, not {VERSION}",
            path=path,
        )
    ignored = document.pop("ignore", [])
    if not isinstance(ignored, list) or not all(isinstance(each, str) for each in ignored):
        raise CaseError(f"`ignore` in the case `{path}` is no list of patterns", path=path)
    return Case(path, _name_of(path), document, tuple(ignored))


def run_file(app: App, path: Path) -> Outcome:
    """Repeat the case of a file; one that can't be read has failed."""
    try:
        case = read_case(path)
    except CaseError as error:
        return Outcome(Case(path, _name_of(path), {}), 0.0, error=_told(error))
    return run_case(app, case)


def run_case(app: App, case: Case) -> Outcome:
    """Repeat a case on a copy of the state; where it was recorded whole, by its recording."""
    began = time.perf_counter()
    hosts: Any = "recorded" if case.document.get("recorded") else "live"
    try:
        replay = app.replay(case.document, state="fork", hosts=hosts)
    except SpindleError as error:
        return Outcome(case, time.perf_counter() - began, error=_told(error))
    counting = tuple(each for each in replay.differences if not _is_ignored(each, case.ignored))
    return Outcome(case, time.perf_counter() - began, replay.exchange, counting)


def _name_of(path: Path) -> str:
    return path.name.removesuffix(".exchange.json")


def _told(error: SpindleError) -> str:
    return "; ".join((str(error), *error.hints))


def explained(outcome: Outcome) -> str:
    """Why a case failed, for people."""
    return "\n".join(_explanation(outcome))


def _explanation(outcome: Outcome) -> Iterator[str]:
    if outcome.error is not None:
        yield f"it can't be repeated: {outcome.error}"
        return
    places = quoted_list(printable(_place(each)) for each in outcome.differences[:3])
    yield f"it comes out otherwise: {places}{', …' if len(outcome.differences) > 3 else ''}"
    for each in outcome.differences[:MOST_SHOWN]:
        yield f"  {printable(_place(each))}"
        yield f"    was {_shown(each.before)}"
        yield f"    is  {_shown(each.after)}"
    if (more := len(outcome.differences) - MOST_SHOWN) > 0:
        yield f"  and {more} more"
    if outcome.exchange is not None and outcome.exchange.logs:
        yield "it wrote:"
        yield from (f"  {printable(line)}" for line in outcome.exchange.logs[-MOST_SHOWN:])


def _shown(value: Any) -> str:
    return "nothing" if value is None else printable(json.dumps(value, ensure_ascii=False))


def _place(difference: Difference) -> str:
    return ".".join(part for part in (difference.part, difference.path) if part)


def _is_ignored(difference: Difference, patterns: Iterable[str]) -> bool:
    """Whether a pattern names a place; `[*]` in one stands for any item."""
    place = _place(difference).replace("[", ".").replace("]", "")
    plain = (pattern.replace("[", ".").replace("]", "") for pattern in patterns)
    return any(fnmatchcase(place, pattern) for pattern in plain)

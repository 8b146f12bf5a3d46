"""What came of cases: for people, for programs, for CI."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Protocol
from xml.etree import ElementTree

import click

from spindle.cli.render import paint
from spindle.door.cases import Outcome, explained
from spindle.text import counted

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Report(Protocol):
    """Is told of each outcome, and then of all."""

    def one(self, outcome: Outcome) -> None: ...

    def end(self, outcomes: Sequence[Outcome]) -> None: ...


class Text:
    """A line for each case as it ends."""

    def one(self, outcome: Outcome) -> None:
        took = f"{outcome.took * 1000:.0f} ms"
        if outcome.passed:
            click.echo(f"{paint('step', 'ok')}    {outcome.case.name} ({took})")
            return
        click.echo(f"{paint('error', 'FAIL')}  {outcome.case.name} ({took})")
        for line in explained(outcome).splitlines():
            click.echo(f"      {line}")

    def end(self, outcomes: Sequence[Outcome]) -> None:
        failed = sum(not outcome.passed for outcome in outcomes)
        click.echo(f"{counted(len(outcomes), 'case')}, {failed} failed")


class Json:
    """One array."""

    def one(self, outcome: Outcome) -> None:
        """All are printed at the end."""

    def end(self, outcomes: Sequence[Outcome]) -> None:
        click.echo(json.dumps([_document(outcome) for outcome in outcomes], indent=2))


class JUnit:
    """One test suite, as CI systems read it."""

    def one(self, outcome: Outcome) -> None:
        """All are printed at the end."""

    def end(self, outcomes: Sequence[Outcome]) -> None:
        failed = sum(bool(outcome.differences) for outcome in outcomes)
        errors = sum(outcome.error is not None for outcome in outcomes)
        suite = ElementTree.Element(
            "testsuite",
            name="spindle",
            tests=str(len(outcomes)),
            failures=str(failed),
            errors=str(errors),
            time=f"{sum(outcome.took for outcome in outcomes):.3f}",
        )
        for outcome in outcomes:
            _add(suite, outcome)
        click.echo(ElementTree.tostring(suite, encoding="unicode", xml_declaration=True))


REPORTS: dict[str, Callable[[], Report]] = {"text": Text, "json": Json, "junit": JUnit}


def _document(outcome: Outcome) -> dict[str, object]:
    return {
        "name": outcome.case.name,
        "path": str(outcome.case.path),
        "passed": outcome.passed,
        "took": outcome.took,
        "error": outcome.error,
        "differences": [
            {"part": each.part, "path": each.path, "before": each.before, "after": each.after}
            for each in outcome.differences
        ],
        "exchange": None if outcome.exchange is None else outcome.exchange.id,
    }


def _add(suite: ElementTree.Element, outcome: Outcome) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        name=_said(outcome.case.name),
        classname="spindle.exchanges",
        file=_said(str(outcome.case.path)),
        time=f"{outcome.took:.3f}",
    )
    if not outcome.passed:
        kind = "failure" if outcome.error is None else "error"
        why = _said(explained(outcome))
        ElementTree.SubElement(case, kind, message=why.partition("\n")[0]).text = why


def _said(text: str) -> str:
    """A text without what XML can't have."""
    return _NO_XML.sub("\ufffd", text)

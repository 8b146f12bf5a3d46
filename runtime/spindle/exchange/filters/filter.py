"""A filter that was understood, and the terms it is made of.

Terms judge in three ways: what they would have to look into a document for is None without one.
In SQL such terms let pass what has the words that are looked for anywhere in its packed document;
negated, they let everything pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from spindle.exchange.filters.fields import FAILED_SQL, Field
from spindle.exchange.filters.patterns import Pattern, beginning, containing
from spindle.exchange.filters.values import Range
from spindle.exchange.record import Json
from spindle.exchange.summary import Summary


class Sql(NamedTuple):
    """A condition and its parameters."""

    where: str
    params: list[object]


class Document(Protocol):
    """A document that need not be read to know that some words are not in it."""

    def may_have(self, words: Iterable[bytes]) -> bool:
        """Whether all of these could be in its texts, ASCII letters whatever their case."""

    def may_have_written(self, words: Iterable[bytes]) -> bool:
        """Whether all of these could be in the guest's output, which may have them in pieces."""

    def read(self, parts: Iterable[str]) -> Json:
        """At least these parts of it, of `input`, `output`, `calls` and `logs`."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A document that is there."""

    document: Json

    def may_have(self, _words: Iterable[bytes]) -> bool:
        return True

    def may_have_written(self, _words: Iterable[bytes]) -> bool:
        return True

    def read(self, _parts: Iterable[str]) -> Json:
        return self.document


class Term(Protocol):
    """A condition on exchanges, or several."""

    @property
    def looks_inside(self) -> bool:
        """Whether it needs documents."""

    def judge(self, summary: Summary, document: Document | None) -> bool | None:
        """Whether an exchange fulfils it; None if only its document could say."""

    def sql(self, wanted: bool) -> Sql:
        """What holds of every exchange of which it is, or is not, true."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which exchanges are wanted."""

    text: str
    term: Term

    @property
    def needs_document(self) -> bool:
        """Whether it looks into documents (`body`, `header`, `log`, `call`)."""
        return self.term.looks_inside

    def matches(self, summary: Summary, document: Json | None = None) -> bool:
        """Whether an exchange is wanted; with `needs_document` its document must be given."""
        return self.term.judge(summary, None if document is None else _Read(document)) is True

    def matches_unread(self, summary: Summary, document: Document) -> bool:
        """Whether an exchange is wanted; its document is read only if it must be."""
        return self.term.judge(summary, document) is True

    def may_match(self, summary: Summary) -> bool:
        """Whether an exchange could be wanted, as far as its summary says."""
        return self.term.judge(summary, None) is not False

    def to_sql(self) -> Sql:
        """A condition on columns named as the fields of `Summary`, with its parameters.

        Without `needs_document` it is `matches`. With it, it lets pass all that matches and little
        else, by the column `data`, the packed document, and the function `may_have_written`.
        """
        return self.term.sql(True)


@dataclass(frozen=True, slots=True)
class All:
    """Every one of some terms; without any, whatever there is."""

    terms: tuple[Term, ...]

    @property
    def looks_inside(self) -> bool:
        return any(term.looks_inside for term in self.terms)

    def judge(self, summary: Summary, document: Document | None) -> bool | None:
        verdict: bool | None = True
        for term in self.terms:
            one = term.judge(summary, document)
            if one is False:
                return False
            verdict = verdict and one
        return verdict

    def sql(self, wanted: bool) -> Sql:
        return _joined(" AND " if wanted else " OR ", [term.sql(wanted) for term in self.terms])


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a term."""

    term: Term

    @property
    def looks_inside(self) -> bool:
        return self.term.looks_inside

    def judge(self, summary: Summary, document: Document | None) -> bool | None:
        verdict = self.term.judge(summary, document)
        return None if verdict is None else not verdict

    def sql(self, wanted: bool) -> Sql:
        return self.term.sql(not wanted)


def any_of(terms: Iterable[Term]) -> Term:
    """At least one of some terms."""
    return Not(All(tuple(Not(term) for term in terms)))


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is as a pattern says."""

    field: Field
    pattern: Pattern

    @property
    def looks_inside(self) -> bool:
        return False

    def judge(self, summary: Summary, _document: Document | None) -> bool:
        value = self.field.of(summary)
        return isinstance(value, str) and self.pattern.fits(value)

    def sql(self, wanted: bool) -> Sql:
        return _leaf(_LIKE.format(self.field.column), [self.pattern.like], wanted)


@dataclass(frozen=True, slots=True)
class Inside:
    """A text in a document that is as a pattern says."""

    field: Field
    pattern: Pattern
    words: tuple[bytes, ...]
    """What a packed document must have in it."""

    @property
    def looks_inside(self) -> bool:
        return True

    def judge(self, summary: Summary, document: Document | None) -> bool | None:
        assert self.field.inside is not None
        if self.field.of(summary) == 0:
            return False
        if document is None:
            return None
        may_have = document.may_have_written if self.field.in_pieces else document.may_have
        if not may_have(self.words):
            return False
        read = document.read(self.field.parts)
        return any(self.pattern.fits(text) for text in self.field.inside(read))

    def sql(self, wanted: bool) -> Sql:
        if not wanted:
            return Sql("1", [])
        counted = Sql(f"{self.field.column} > 0" if self.field.column else "1", [])
        has = _HAS_WRITTEN if self.field.in_pieces else _HAS
        return _joined(" AND ", [counted, *(Sql(has, [word]) for word in self.words)])


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a range, or on one side of it."""

    field: Field
    operator: str
    """One of `=`, `>`, `>=`, `<` and `<=`."""
    range: Range

    @property
    def looks_inside(self) -> bool:
        return False

    def judge(self, summary: Summary, _document: Document | None) -> bool:
        value = self.field.of(summary)
        return isinstance(value, int | float) and self._holds(value)

    def _holds(self, value: float) -> bool:
        match self.operator:
            case "=":
                return self.range.low <= value <= self.range.high
            case ">":
                return value > self.range.high
            case ">=":
                return value >= self.range.low
            case "<":
                return value < self.range.low
        return value <= self.range.high

    def sql(self, wanted: bool) -> Sql:
        low, high = self.range
        column = self.field.column
        if self.operator == "=":
            return _leaf(f"{column} BETWEEN ? AND ?", [low, high], wanted)
        bound = high if self.operator in (">", "<=") else low
        return _leaf(f"{column} {self.operator} ?", [bound], wanted)


@dataclass(frozen=True, slots=True)
class Failed:
    """A trap or a server error."""

    @property
    def looks_inside(self) -> bool:
        return False

    def judge(self, summary: Summary, _document: Document | None) -> bool:
        return summary.failed

    def sql(self, wanted: bool) -> Sql:
        return _leaf(FAILED_SQL, [], wanted)


@dataclass(frozen=True, slots=True)
class Word:
    """A word in method, path or component, or with which the id begins."""

    text: str

    @property
    def looks_inside(self) -> bool:
        return False

    def judge(self, summary: Summary, _document: Document | None) -> bool:
        places = (summary.method, summary.path, summary.component)
        pattern = containing(self.text)
        return any(place is not None and pattern.fits(place) for place in places) or beginning(
            self.text
        ).fits(summary.id)

    def sql(self, wanted: bool) -> Sql:
        where = " OR ".join(_LIKE.format(name) for name in ("method", "path", "component", "id"))
        inside = containing(self.text).like
        return _leaf(where, [inside, inside, inside, beginning(self.text).like], wanted)


_LIKE = "{} LIKE ? ESCAPE '\\'"
_HAS = "instr(CAST(lower(data) AS BLOB), ?)"
_HAS_WRITTEN = "may_have_written(data, ?)"


def _leaf(where: str, params: list[object], wanted: bool) -> Sql:
    # What is compared with nothing is neither true nor false in SQL; here it is false.
    return Sql(f"({where}) IS {'' if wanted else 'NOT '}TRUE", params)


def _joined(word: str, parts: list[Sql]) -> Sql:
    if not parts:
        return Sql("1" if word == " AND " else "0", [])
    params = [param for part in parts for param in part.params]
    return Sql("(" + word.join(part.where for part in parts) + ")", params)

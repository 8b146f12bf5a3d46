"""Reads a tree by a schema: the model it spells, and everything that is wrong with it.

Reading never fails. What is wrong is reported where it stands and left out of the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from spindle.diagnostics import Diagnostic, Edit, Fix, Severity
from spindle.manifest.edits import quoted
from spindle.manifest.ids import Grammar
from spindle.manifest.schema import (
    AnyTable,
    Anything,
    Array,
    Boolean,
    Choice,
    Integer,
    Key,
    Map,
    Record,
    Tagged,
    Text,
    Type,
)
from spindle.manifest.tree import Node
from spindle.text import Span, is_slip, nearest_name

Where = tuple[str | int, ...]
"""The path of keys and indices from the root to a value."""


class _Left:
    """What reading a wrong value gives."""


LEFT_OUT: Final = _Left()


class Known(NamedTuple):
    """What a node was read as before, and what was wrong with it."""

    node: Node
    value: object
    diagnostics: tuple[Diagnostic, ...]


Memory = dict[tuple[int, int], Known]
"""What was read of tables, by node and type; whoever keeps it vouches that no node has changed."""


@dataclass(slots=True, eq=False)
class Reader:
    """One reading of one text; `diagnostics` grows as it goes."""

    path: Path
    diagnostics: list[Diagnostic] = field(default_factory=list)
    before: Memory = field(default_factory=dict)
    """What is remembered of the reading before."""
    now: Memory = field(default_factory=dict)
    """What there is to remember of this one."""
    _doc: str = ""
    """What the key is for whose value is being read."""

    def read(self, type_: Type, node: Node, where: Where = ()) -> object:
        """The value a node spells in a type, or `LEFT_OUT`."""
        match type_:
            case Text(grammar):
                return self._text(node, where, grammar)
            case Integer(minimum, maximum):
                return self._integer(node, where, minimum, maximum)
            case Boolean():
                if isinstance(node.value, bool):
                    return node.value
                truth = node.value if node.value in ("true", "false") else None
                return self._wrong(node, where, "a boolean", truth)
            case Anything():
                return node.plain()
            case AnyTable():
                ok = node.table is not None
                return node.plain() if ok else self._wrong(node, where, "a table")
            case Array(of):
                return self._array(node, where, of)
            case Map(of, keys):
                return self._map(node, where, of, keys)
            case Record():
                return self._remembered(node, where, type_)
            case Tagged(variants):
                return self._tagged(node, where, variants)
            case Choice(alternatives, expected):
                chosen = _chosen(alternatives, node)
                if chosen is None:
                    return self._wrong(node, where, expected)
                return self.read(chosen, node, where)

    def _text(self, node: Node, where: Where, grammar: Grammar | None) -> object:
        if not isinstance(node.value, str):
            return self._wrong(node, where, "a string", _in_quotes(node.value, grammar))
        # A misspelt name is kept: what refers to it is spelt alike.
        if grammar is not None:
            self._check_grammar(node.value, node.span, grammar, is_key=False)
        return node.value

    def _integer(
        self, node: Node, where: Where, minimum: int | None, maximum: int | None
    ) -> object:
        value = node.value
        if not isinstance(value, int) or isinstance(value, bool):
            return self._wrong(node, where, "an integer")
        if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
            message = f"`{_dotted(where)}` is {value}, which is out of range"
            return self._report("invalid-value", message, node.span, help=_limits(minimum, maximum))
        return value

    def _array(self, node: Node, where: Where, of: Type) -> object:
        if node.array is None:
            alone = quoted(node.value) if isinstance(node.value, str) else None
            return self._wrong(node, where, "an array", alone and f"[{alone}]")
        items = [self.read(of, item, (*where, i)) for i, item in enumerate(node.array)]
        return tuple(item for item in items if item is not LEFT_OUT)

    def _map(self, node: Node, where: Where, of: Type, keys: Grammar | None) -> object:
        if node.table is None:
            return self._wrong(node, where, "a table")
        entries: dict[str, object] = {}
        for name, child in node.table.items():
            if keys is not None:
                self._check_grammar(name, child.place, keys, is_key=True)
            value = self.read(of, child, (*where, name))
            if value is not LEFT_OUT:
                entries[name] = value
        return entries

    def _remembered(self, node: Node, where: Where, record: Record) -> object:
        key = (id(node), id(record))
        known = self.before.get(key)
        if known is None:
            already = len(self.diagnostics)
            value = self._record(node, where, record)
            known = Known(node, value, tuple(self.diagnostics[already:]))
        else:
            self.diagnostics += known.diagnostics
        self.now[key] = known
        return known.value

    def _record(self, node: Node, where: Where, record: Record) -> object:
        if node.table is None:
            return self._wrong(node, where, "a table")
        values: dict[str, object] = {}
        rest: dict[str, object] = {}
        meant: set[str | None] = set()
        for name, child in node.table.items():
            key = record.key(name)
            if key is not None:
                self._deprecated(key, child, node)
                self._doc = key.doc
                value = self.read(key.type, child, (*where, name))
                values[name if key.field is None else key.field] = value
            elif record.rest is not None:
                rest[name] = self.read(record.rest, child, (*where, name))
            else:
                meant.add(self._unknown(record, name, child, node, where))
        self._missing(record, node, where, meant)
        return _build(record, values, rest, node)

    def _tagged(self, node: Node, where: Where, variants: Mapping[str, Record]) -> object:
        if node.table is None:
            return self._wrong(node, where, "a table")
        tag = node.get("type")
        names = ", ".join(f"`{name}`" for name in variants)
        if tag is None:
            message = f"missing field `type` in `{_dotted(where)}`"
            return self._report("missing-field", message, node.span, help=f"one of {names}")
        if not isinstance(tag.value, str):
            return self._wrong(tag, (*where, "type"), "a string")
        if tag.value not in variants:
            near = nearest_name(tag.value, variants)
            message = f"unknown type `{tag.value}` of `{_dotted(where)}`"
            help_text = f"did you mean `{near}`?" if near else f"known: {names}"
            fix = (
                self._fix(f"Write `{near}`", tag.span, quoted(near), is_slip(tag.value, near))
                if near
                else None
            )
            return self._report("unknown-type", message, tag.span, help=help_text, fix=fix)
        return self._record(node, where, variants[tag.value])

    def _missing(self, record: Record, node: Node, where: Where, meant: set[str | None]) -> None:
        assert node.table is not None
        for key in record.keys:
            if key.required and key.name not in node.table and key.name not in meant:
                place = f" in `{_dotted(where)}`" if where else ""
                message = f"missing field `{key.name}`{place}"
                self._report("missing-field", message, node.span, help=_first_sentence(key.doc))

    def _deprecated(self, key: Key, node: Node, table: Node) -> None:
        if key.deprecated is not None:
            message = f"`{key.name}` is deprecated"
            self._report(
                "deprecated-key",
                message,
                node.place,
                severity=Severity.WARNING,
                help=f"use {key.deprecated} instead",
                fix=self._renaming(key, node, table),
            )

    def _renaming(self, key: Key, node: Node, table: Node) -> Fix | None:
        """The key that is to be used instead, with the same meaning, unless it is there too."""
        if key.renamed is None or node.key is None or table.get(key.renamed) is not None:
            return None
        of_tables = [item.key for item in node.array or () if item.key is not None]
        edits = [Edit(self.path, span, key.renamed) for span in of_tables or [node.key]]
        if key.converted is not None:
            value = key.converted(node.plain())
            if value is None:
                return None
            edits.append(Edit(self.path, node.span, value))
        return Fix(f"Use `{key.renamed}`", tuple(edits))

    def _fix(self, title: str, span: Span, text: str, safe: bool) -> Fix:
        return Fix(title, (Edit(self.path, span, text),), safe)

    def _unknown(
        self, record: Record, name: str, node: Node, parent: Node, where: Where
    ) -> str | None:
        """Report a key; the one it was meant to be, if that can be told."""
        known = [key.name for key in record.keys]
        table = {} if parent.table is None else parent.table
        meant = record.mistaken.get(name) or nearest_name(name, known)
        place = f" in `{_dotted(where)}`" if where else ""
        fix = None
        if meant is not None:
            obvious = name in record.mistaken or is_slip(name, meant)
            if meant not in table:
                safe = obvious and not record.lenient
                fix = self._fix(f"Rename it to `{meant}`", node.place, meant, safe)
            help_text = f"did you mean `{meant}`?"
        else:
            help_text = f"known here: {', '.join(f'`{k}`' for k in known)}"
        message = f"unknown field `{name}`{place}"
        severity = Severity.WARNING if record.lenient else Severity.ERROR
        self._report(
            "unknown-field", message, node.place, severity=severity, help=help_text, fix=fix
        )
        return meant

    def _check_grammar(self, text: str, span: Span, grammar: Grammar, *, is_key: bool) -> None:
        problem = grammar.problem(text)
        if problem is None:
            return
        near = grammar.suggestion(text)
        respelled = near is not None and near != text and grammar.problem(near) is None
        help_text = f"write `{near}`" if respelled else grammar.form
        fix = None
        if near is not None and respelled and not is_key and grammar.fixable:
            fix = self._fix(f"Write `{near}`", span, quoted(near), grammar.safe)
        message = f"invalid {grammar.noun} `{text}`: {problem}"
        self._report(grammar.code, message, span, help=help_text, fix=fix)

    def _wrong(self, node: Node, where: Where, expected: str, right: object = None) -> _Left:
        """Report a value of another type; `right` is the same in that type."""
        name = f"`{_dotted(where)}`" if where else "the value"
        message = f"{name} is {_described(node)}, expected {expected}"
        fix = None
        if right is not None:
            fix = self._fix(f"Write `{right}`", node.span, str(right), True)
        help_text = _first_sentence(self._doc)
        return self._report("wrong-type", message, node.span, help=help_text, fix=fix)

    def _report(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        severity: Severity = Severity.ERROR,
        help: str | None = None,
        fix: Fix | None = None,
    ) -> _Left:
        self.diagnostics.append(
            Diagnostic(code, severity, message, self.path, span, help=help, fix=fix)
        )
        return LEFT_OUT


def _build(
    record: Record, values: dict[str, object], rest: dict[str, object], node: Node
) -> object:
    read = {name: value for name, value in values.items() if value is not LEFT_OUT and name}
    kept = {name: value for name, value in rest.items() if value is not LEFT_OUT}
    if record.model is dict:
        # In the text's order.
        assert node.table is not None
        both = read | kept
        return {name: both[name] for name in node.table if name in both}
    if kept:
        read["rest"] = kept
    if any(record.needs(key) and (key.field or key.name) not in read for key in record.keys):
        return LEFT_OUT
    return record.model(**read, node=node)


def _in_quotes(value: object, grammar: Grammar | None) -> str | None:
    """A number or truth value as the string that it most likely was to be.

    Floats may have been written in another way than they are printed.
    """
    if grammar is not None or not isinstance(value, int):
        return None
    return quoted(str(value).lower())


def _chosen(alternatives: Iterable[Type], node: Node) -> Type | None:
    fitting = [alternative for alternative in alternatives if _fits(alternative, node)]
    if node.table is None:
        return fitting[0] if fitting else None
    table = node.table
    records = [alternative for alternative in fitting if isinstance(alternative, Record)]
    return max(records, key=lambda record: _likeness(record, table), default=None)


def _likeness(record: Record, table: dict[str, Node]) -> tuple[int, int]:
    """How much a table looks like a record: required keys it has, then all keys it has."""
    names = {record.mistaken.get(name, name) for name in table}
    required = sum(key.required and key.name in names for key in record.keys)
    return (required, sum(key.name in names for key in record.keys))


def _fits(type_: Type, node: Node) -> bool:
    match type_:
        case Text():
            return isinstance(node.value, str)
        case Boolean():
            return isinstance(node.value, bool)
        case Integer():
            return isinstance(node.value, int)
        case Array():
            return node.array is not None
        case _:
            return node.table is not None


def _described(node: Node) -> str:
    match node.value:
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int():
            return "an integer"
        case float():
            return "a float"
        case list():
            return "an array"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def _limits(minimum: int | None, maximum: int | None) -> str:
    if maximum is None:
        return f"write {minimum} or more"
    return f"write a number from {minimum} to {maximum}"


def _dotted(where: Where) -> str:
    """A path as a person would write it, without the indices of arrays of tables."""
    return ".".join(str(step) for step in where if isinstance(step, str))


def _first_sentence(doc: str) -> str:
    sentence = doc.split(". ")[0].rstrip(".")
    return sentence[:1].lower() + sentence[1:]

"""The commands a script consists of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from spindle.component.wast.encoding import encode
from spindle.component.wast.forms import Form, FormError, Item

_KIND = re.compile(r"\(\s*component\s+(?:definition|instance)\b")
_MESSAGE_KINDS = (
    "assert_trap", "assert_invalid", "assert_malformed", "assert_unlinkable",
    "assert_uninstantiable", "assert_exhaustion",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Define:
    """A component; one that is not a mere definition is instantiated at once."""

    name: str | None
    source: str | bytes
    """Its text or its binary."""
    is_definition: bool

    def binary(self) -> bytes:
        """Its binary; raises `CoreError` for text that cannot be encoded."""
        return encode(self.source) if isinstance(self.source, str) else self.source


@dataclass(frozen=True, slots=True)
class Instantiate:
    """An instance of a definition: the last one unless named."""

    name: str | None
    definition: str | None


@dataclass(frozen=True, slots=True)
class Invoke:
    """A call of an instance's function: the last instance's unless named."""

    instance: str | None
    function: str
    args: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class AssertReturn:
    """A call that gives certain results."""

    invoke: Invoke
    results: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class AssertFailure:
    """A command that fails in the way `kind` says, with a reason."""

    kind: str
    subject: Define | Invoke
    message: str


Command: TypeAlias = Define | Instantiate | Invoke | AssertReturn | AssertFailure


def command_of(form: Form) -> Command:
    """The command a form spells; `FormError` for one that we do not know."""
    if form.head == "component":
        return _component(form)
    if form.head == "invoke":
        return _invoke(form)
    if form.head == "assert_return":
        return AssertReturn(_invoke(_form(form.items[1])), tuple(map(_form, form.items[2:])))
    if form.head in _MESSAGE_KINDS:
        subject = _form(form.items[1])
        message = form.items[2] if len(form.items) > 2 else b""
        if subject.head == "component":
            return AssertFailure(form.head, _define(subject, False), _string(message))
        return AssertFailure(form.head, _invoke(subject), _string(message))
    raise FormError(f"line {form.line}: the command `{form.head}` is not known")


def _component(form: Form) -> Define | Instantiate:
    kind = form.items[1] if len(form.items) > 1 else None
    if kind == "instance":
        names = [item for item in form.items[2:] if isinstance(item, str)]
        return Instantiate(names[0] if names else None, names[1] if len(names) > 1 else None)
    return _define(form, kind == "definition")


def _define(form: Form, is_definition: bool) -> Define:
    rest = list(form.items[2 if is_definition else 1 :])
    name = rest.pop(0) if rest and isinstance(rest[0], str) and rest[0][0] == "$" else None
    assert name is None or isinstance(name, str)
    kind = rest[0] if rest else None
    if kind == "binary":
        return Define(name, b"".join(_bytes(item) for item in rest[1:]), is_definition)
    if kind == "quote":
        text = b" ".join(_bytes(item) for item in rest[1:]).decode()
        return Define(name, f"(component {text})", is_definition)
    return Define(name, _KIND.sub("(component", form.text, count=1), is_definition)


def _invoke(form: Form) -> Invoke:
    if form.head != "invoke":
        raise FormError(f"line {form.line}: expected `invoke`, got `{form.head}`")
    rest = list(form.items[1:])
    instance = rest.pop(0) if rest and isinstance(rest[0], str) else None
    assert instance is None or isinstance(instance, str)
    if not rest:
        raise FormError(f"line {form.line}: `invoke` names no function")
    return Invoke(instance, _string(rest[0]), tuple(map(_form, rest[1:])))


def _form(item: Item) -> Form:
    if not isinstance(item, Form):
        raise FormError(f"expected a list, got `{item!r}`")
    return item


def _bytes(item: Item) -> bytes:
    if not isinstance(item, bytes):
        raise FormError(f"expected a string, got `{item!r}`")
    return item


def _string(item: Item) -> str:
    return _bytes(item).decode()

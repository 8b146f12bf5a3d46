"""The text of a manifest of version 1 as one of version 2: statements keep their comments.

What a text becomes is checked by who asks for it: it must read as the same manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from spindle.manifest.model import Manifest
from spindle.manifest.statements import Pair, Section, Statements, read_statements, unquoted
from spindle.manifest.v1 import VERSION_KEYS

HOSTS = ("allowed_outbound_hosts", "allowed_http_hosts")
WIDTH = 88
"""How long a line of hosts may be."""
DATABASES_NOTE = "# Version 1 let every component connect to these; keep what is needed.\n"


def rewritten(text: str, manifest: Manifest) -> str | None:
    """The text for version 2, given what it was read as; None where that is too hard.

    It is too hard where components are the elements of an inline array.
    """
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    statements = read_statements(text.removeprefix(bom).replace("\r\n", "\n"))
    if statements is None:
        return None
    components = [section for section in statements.sections if section.names == ("component",)]
    if len(components) != len(manifest.components):
        return None
    kind = next(iter(manifest.triggers), "http")
    lines = "".join(_Rewriter(statements, manifest, kind).text())
    return bom + (lines.replace("\n", "\r\n") if "\r\n" in text else lines)


class _Rewriter:
    def __init__(self, statements: Statements, manifest: Manifest, kind: str) -> None:
        self.statements = statements
        self.manifest = manifest
        self.kind = kind

    def text(self) -> Iterator[str]:
        head, *sections = self.statements.sections
        yield from self._head(head.pairs)
        ids = iter(self.manifest.components)
        for number, section in enumerate(sections):
            if section.names == ("component",):
                following = takewhile(lambda s: s.names != ("component",), sections[number + 1 :])
                parts = [part for part in following if part.names[0] == "component"]
                yield from self._component(next(ids), section, parts)
            elif section.names[0] == "trigger":
                yield from self._trigger_settings(section)
            elif section.names[0] != "component":
                yield from table(".".join(section.keys), section.pairs, section)
        if not self.manifest.components:
            yield from table("trigger", ())
        yield self.statements.trailing

    def _head(self, pairs: Sequence[Pair]) -> Iterator[str]:
        version = next(pair for pair in pairs if pair.name in VERSION_KEYS)
        if version is not pairs[0]:
            # What the file begins with stays there.
            yield pairs[0].leading
            pairs = (pairs[0]._replace(leading=""), *pairs[1:])
        yield f"{version.leading}spin_manifest_version = 2{version.after}"
        own = [p for p in pairs if p.name not in (*VERSION_KEYS, "trigger", "variables")]
        yield from table("application", own)
        settings = [entry for p in pairs if p.name == "trigger" for entry in inside(p)]
        yield from comments_of(p for p in pairs if p.name == "trigger")
        if settings := [p for p in settings if not self._is_moot(p)]:
            yield from table(f"application.trigger.{self.kind}", settings)
        if variables := [entry for p in pairs if p.name == "variables" for entry in inside(p)]:
            yield from comments_of(p for p in pairs if p.name == "variables")
            yield from table("variables", variables)

    def _is_moot(self, setting: Pair) -> bool:
        """Whether a setting of all triggers says nothing that version 2 would have to say."""
        base = setting.name == "base" and self.kind == "http" and unquoted(setting.value) == "/"
        return base or setting.name == "type"

    def _trigger_settings(self, section: Section) -> Iterator[str]:
        moot = [p for p in section.pairs if len(section.keys) == 1 and self._is_moot(p)]
        if settings := [p for p in section.pairs if p not in moot]:
            keys = ("application", "trigger", self.kind, *section.keys[1:])
            yield from table(".".join(keys), settings, section)
        else:
            yield section.leading.lstrip("\n")
        yield from comments_of(moot)

    def _component(self, name: str, section: Section, parts: Sequence[Section]) -> Iterator[str]:
        pairs = section.pairs
        yield from self._trigger(name, section, parts)
        id_ = next(pair for pair in pairs if pair.name == "id")
        of_id = Section(id_.leading, (), id_.after, ())
        kept = [pair for pair in pairs if pair.name not in ("id", "trigger", "config")]
        yield from table(f"component.{name}", self._with_hosts(name, kept), of_id)
        for pair in pairs:
            if pair.name == "config":
                yield from comments_of([pair])
                yield from table(f"component.{name}.variables", inside(pair))
        for part in parts:
            if part.names[1] != "trigger":
                key = "variables" if part.names[1] == "config" else part.keys[1]
                keys = ("component", name, key, *part.keys[2:])
                yield from table(".".join(keys), part.pairs, part)

    def _trigger(self, name: str, section: Section, parts: Sequence[Section]) -> Iterator[str]:
        old = [pair for pair in section.pairs if pair.name == "trigger"]
        of_trigger = [part for part in parts if part.names[1] == "trigger"]
        whole = [part for part in of_trigger if len(part.keys) == 2]
        settings = [entry for pair in old for entry in inside(pair)]
        settings += [pair for part in whole for pair in part.pairs]
        settings.append(Pair("", "", ("component",), " = ", f'"{name}"', "\n"))
        comments = [*comments_of(old), *(part.leading.lstrip("\n") for part in whole)]
        header = section._replace(leading=section.leading + "".join(comments))
        yield from table(f"[trigger.{self.kind}]", settings, header)
        for part in of_trigger:
            if part not in whole:
                keys = ("trigger", self.kind, *part.keys[2:])
                yield from table(".".join(keys), part.pairs, part)

    def _with_hosts(self, name: str, pairs: Sequence[Pair]) -> Iterator[Pair]:
        """The pairs with one `allowed_outbound_hosts` that says all."""
        given = [pair for pair in pairs if pair.name in HOSTS]
        if [pair.name for pair in given] == [HOSTS[0]]:
            yield from pairs
            return
        leading = "".join(pair.leading for pair in given)
        if HOSTS[0] not in {pair.name for pair in given}:
            leading += DATABASES_NOTE
        after = given[-1].after if given else "\n"
        value = array(self.manifest.components[name].allowed_outbound_hosts)
        new = Pair(leading, "", (HOSTS[0],), " = ", value, after)
        for pair in pairs:
            if pair.name not in HOSTS:
                yield pair
            elif pair is given[0]:
                yield new
        if not given:
            yield new


def inside(pair: Pair) -> Iterator[Pair]:
    """The pairs within one whose value is an inline table, or whose key is dotted."""
    if len(pair.keys) > 1:
        yield pair._replace(keys=pair.keys[1:])
    else:
        yield from pair.entries or ()


def comments_of(pairs: Iterable[Pair]) -> Iterator[str]:
    """The comments of pairs that are taken apart, on lines of their own."""
    for pair in pairs:
        if len(pair.keys) == 1:
            yield pair.leading.lstrip("\n")
            yield pair.after.lstrip() if pair.after.strip() else ""


def table(keys: str, pairs: Iterable[Pair], old: Section | None = None) -> Iterator[str]:
    """A table's lines after an empty one; `old` is the section whose comments it gets."""
    leading = "" if old is None else old.leading.lstrip("\n")
    after = "\n" if old is None else old.after
    yield f"\n{leading}[{keys}]{after}"
    first, *rest = (*pairs, None)
    if first is not None:
        yield str(first._replace(leading=first.leading.lstrip("\n")))
    yield from (str(pair) for pair in rest if pair is not None)


def array(texts: Sequence[str]) -> str:
    """An array of strings, over several lines when it is long."""
    items = [json.dumps(text, ensure_ascii=False) for text in texts]
    short = f"[{', '.join(items)}]"
    if len(short) <= WIDTH:
        return short
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"

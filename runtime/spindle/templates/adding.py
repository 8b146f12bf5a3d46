"""A component added to an application's manifest, which otherwise stays as it is."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from spindle.diagnostics import Diagnostic, Severity
from spindle.errors import UserError
from spindle.fixes import apply_edits
from spindle.manifest import HttpTrigger, Manifest, read_document, read_manifest
from spindle.manifest.edits import Editor
from spindle.templates.template_manifest import InvalidTemplate


class Unaddable(UserError):
    """A component that can't be added to an application."""

    code = "unaddable-component"


class Addition(NamedTuple):
    """A manifest's text with a component more."""

    text: str
    components: tuple[str, ...]
    """The ids of the components that are new."""


def check_addable(path: Path, text: str, name: str) -> Manifest:
    """The manifest, if a component of that name can be added to it."""
    manifest, found = read_manifest(path, text)
    wrong = errors_of(found)
    if manifest is None or wrong:
        first = wrong[0]
        raise Unaddable(
            f"nothing can be added while the manifest is wrong: {first.message}",
            path=path,
            hints=("see `spindle check`",),
        )
    if _version(text) != 2:
        raise Unaddable(
            "components are added to manifests of version 2 only",
            path=path,
            hints=("`spindle doctor` can rewrite it",),
        )
    if name in manifest.components:
        raise Unaddable(
            f"the application has a component `{name}` already", path=path, hints=(_OTHER_NAME,)
        )
    return manifest


def errors_of(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What is wrong with a manifest, apart from that nothing makes components run yet."""
    return [
        each
        for each in found
        if each.severity is Severity.ERROR
        and not (each.code == "missing-field" and "`trigger`" in each.message)
    ]


def routes_of(manifest: Manifest) -> dict[str, str]:
    """What answers each route."""
    return {
        trigger.route: str(trigger.component or "a fixed response")
        for trigger in _http_triggers(manifest)
        if isinstance(trigger.route, str)
    }


def with_snippets(path: Path, text: str, snippets: Mapping[str, str]) -> Addition:
    """The text with a template's rendered snippets in it; `Unaddable` if it is wrong with them."""
    new = text
    if "variables" in snippets:
        new = _with_variables(path, new, snippets["variables"])
    for place in snippets:
        if place != "variables":
            new = _appended(new, snippets[place])
    return Addition(new, _added(path, text, new))


def _added(path: Path, text: str, new: str) -> tuple[str, ...]:
    before, _ = read_manifest(path, text)
    after, found = read_manifest(path, new)
    wrong = errors_of(found)
    if after is None or wrong:
        what = "the manifest would be wrong with what the template adds"
        raise Unaddable(f"{what}: {wrong[0].message}", path=path)
    assert before is not None, "it was checked"
    taken = routes_of(before)
    for trigger in _http_triggers(after)[len(_http_triggers(before)) :]:
        if trigger.route in taken:
            raise Unaddable(
                f"the route `{trigger.route}` is taken by `{taken[str(trigger.route)]}`",
                path=path,
                hints=("choose another one: `-v http-path=/other/...`",),
            )
    return tuple(id_ for id_ in after.components if id_ not in before.components)


def _http_triggers(manifest: Manifest) -> list[HttpTrigger]:
    return [
        trigger
        for several in manifest.triggers.values()
        for trigger in several
        if isinstance(trigger, HttpTrigger)
    ]


def _appended(text: str, snippet: str) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    added = end.join(snippet.strip().splitlines())
    return f"{text.rstrip()}{end}{end}{added}{end}"


def _with_variables(path: Path, text: str, snippet: str) -> str:
    """New variables at the end of their table; those the application has stay."""
    try:
        wanted = tomllib.loads(snippet)
    except tomllib.TOMLDecodeError as error:
        raise InvalidTemplate(f"the template's variables are not valid TOML: {error}") from None
    present = read_document(path, text).root.get("variables")
    if present is None:
        lines = "".join(f"{key} = {_inline(value)}\n" for key, value in wanted.items())
        return _appended(text, f"[variables]\n{lines}") if lines else text
    for key, value in wanted.items():
        table = read_document(path, text).root.get("variables")
        if table is None or table.get(key) is not None:
            continue
        edit = Editor(path, text).add_key(table, key, _inline(value))
        if edit is None:
            raise Unaddable(
                f"the variable `{key}` can't be added safely",
                path=path,
                hints=(f"write it yourself: `{key} = {_inline(value)}`",),
            )
        text = apply_edits(text, (edit,))
    return text


def _inline(value: object) -> str:
    """A value of TOML on one line; dates have no use here."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_inline(each)}' for key, each in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return json.dumps(value, ensure_ascii=False, default=str)


def _version(text: str) -> object:
    return tomllib.loads(text.removeprefix("\ufeff")).get("spin_manifest_version")


_OTHER_NAME = "give it another name"

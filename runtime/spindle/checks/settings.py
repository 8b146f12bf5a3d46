"""Rules about Spindle's own settings in a manifest, the tables `tool.spindle`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic
from spindle.limits import HOST_LIMITS, LIMITS, Limit, read_limit
from spindle.manifest.edits import fix
from spindle.manifest.tree import Node
from spindle.text import is_slip, nearest_name

_FOR_ALL: Mapping[str, Limit] = {**LIMITS, **HOST_LIMITS}
"""The settings of an application: those of its components, and its own."""


_SWITCHES = {
    "instant": "Whether, while watching, Python components run from their sources.",
}
"""Settings that are `true` or `false`, of applications and of components."""


def _tables(subject: Subject) -> Iterator[tuple[Node, str, Mapping[str, Limit]]]:
    """Each `tool.spindle` with its place and what it may hold."""
    manifest = subject.manifest
    if (node := manifest.application.node.get("tool", "spindle")) is not None:
        yield node, "[application.tool.spindle]", _FOR_ALL
    for id_, component in manifest.components.items():
        if (node := component.node.get("tool", "spindle")) is not None:
            yield node, f"[component.{id_}.tool.spindle]", LIMITS


def unknown_setting(subject: Subject) -> Iterator[Diagnostic]:
    """A key in `tool.spindle` means nothing."""
    for table, where, known in _tables(subject):
        for name, node in (table.table or {}).items():
            if name not in known and name not in _SWITCHES:
                near = nearest_name(name, {**known, **_SWITCHES})
                rename = None
                if near is not None and table.get(near) is None:
                    edit = subject.editor.replace(node.place, near)
                    rename = fix(f"Rename it to `{near}`", edit, safe=is_slip(name, near))
                yield subject.error(
                    "unknown-setting",
                    f"unknown setting `{name}` in `{where}`",
                    node.place,
                    f"did you mean `{near}`?" if near else _help(name),
                    fix=rename,
                )


def _help(name: str) -> str:
    if name in HOST_LIMITS:
        return f"`{name}` is for the whole host: it belongs in `[application.tool.spindle]`"
    return f"known here: {', '.join(f'`{known}`' for known in (*LIMITS, *_SWITCHES))}"


def invalid_setting(subject: Subject) -> Iterator[Diagnostic]:
    """A value in `tool.spindle` is not of the kind its key takes."""
    for table, _, known in _tables(subject):
        for name, node in (table.table or {}).items():
            if name in _SWITCHES and not isinstance(node.value, bool):
                wrong = f"`{name}` is wrong: expected `true` or `false`"
                yield subject.error("invalid-setting", wrong, node.span, _SWITCHES[name])
            if name not in known:
                continue
            try:
                read_limit(name, node.value)
            except ValueError as error:
                yield subject.error(
                    "invalid-setting", f"`{name}` is wrong: {error}", node.span, known[name].help
                )

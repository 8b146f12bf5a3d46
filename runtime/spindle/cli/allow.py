"""`spindle allow`: let a component connect somewhere, by a line in the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from spindle.cli import parameters, render
from spindle.cli.check.changes import show_changes
from spindle.cli.sources import find_source, manifest_option
from spindle.dev.problems import ManifestError
from spindle.diagnostics import has_errors
from spindle.errors import UserError
from spindle.manifest import Component, Manifest, normalized, read_manifest
from spindle.manifest.allowing import with_outbound_host
from spindle.outbound_hosts import OutboundHost, OutboundHostError, covers, parse_outbound_host
from spindle.overwriting import write_changes
from spindle.template import TemplateError, parse_template
from spindle.text import nearest_name


class UnknownComponent(UserError):
    """A component that the application doesn't have."""

    code = "unknown-component"


class InvalidHost(UserError):
    """A host that the manifest would be wrong with."""

    code = "invalid-outbound-host"


class Unchangeable(UserError):
    """A manifest written in a way that nothing can be added to unseen."""

    code = "unchangeable-manifest"


@click.command(
    "allow",
    help="Let a component connect to hosts: add them to its `allowed_outbound_hosts`.",
    epilog="A host is written as in the manifest: `scheme://host[:port]`, `*` for any of them.",
)
@click.argument("component")
@click.argument("hosts", nargs=-1, required=True, metavar="HOST...")
@manifest_option
@click.option("--diff", "--dry-run", "diff", is_flag=True, help="Show the change, and make none.")
def command(component: str, hosts: tuple[str, ...], source: Path | None, diff: bool) -> None:
    path = find_source(source, "allow").path
    if path.suffix in (".wasm", ".wat"):
        parameters.refuse(f"`{path.name}` has no manifest that anything could be allowed in")
    old = path.read_bytes().decode()
    new, said = old, []
    for host in hosts:
        new, sentence = _allowing(path, new, component, host)
        said.append(sentence)
    if diff and new != old:
        show_changes({path: old}, {path: new})
        return
    write_changes({path: old}, {path: new})
    for sentence in said:
        render.write(sentence)


def _allowing(path: Path, text: str, id_: str, host: str) -> tuple[str, str]:
    """A manifest's text with one more host allowed, if it isn't yet, and a sentence of it."""
    manifest, found = read_manifest(path, text)
    if manifest is None or has_errors(found):
        raise ManifestError(found)
    manifest, _ = normalized(manifest)
    component = _component(manifest, id_)
    _check(host, manifest.components)
    if (already := _allowed_by(component, host)) is not None:
        by = "" if already == host else f" by `{already}`"
        return text, f"component `{id_}` may connect to `{host}` already{by}"
    new = with_outbound_host(path, text, id_, host)
    if new is None:
        raise Unchangeable(
            f"`allowed_outbound_hosts` of component `{id_}` can't be added to safely",
            path=path,
            hints=(f'write it yourself: `allowed_outbound_hosts = [..., "{host}"]`',),
        )
    return new, f"component `{id_}` may connect to `{host}`"


def _component(manifest: Manifest, id_: str) -> Component:
    if id_ in manifest.components:
        return manifest.components[id_]
    near = nearest_name(id_, manifest.components)
    names = ", ".join(f"`{name}`" for name in manifest.components) or "none"
    hint = f"did you mean `{near}`?" if near else f"its components are {names}"
    raise UnknownComponent(f"the application has no component `{id_}`", hints=(hint,))


def _check(host: str, components: Mapping[str, Component]) -> None:
    """Refuse what the manifest would be wrong with."""
    try:
        pattern = _pattern(host)
    except (OutboundHostError, TemplateError) as error:
        raise InvalidHost(f"`{host}` can't be allowed: {error}") from None
    called = None if pattern is None else pattern.chained_component
    if called is not None and called not in components:
        near = nearest_name(called, components)
        hints = (f"did you mean `{host.replace(called, near, 1)}`?",) if near else ()
        raise UnknownComponent(f"the application has no component `{called}`", hints=hints)


def _pattern(host: str) -> OutboundHost | None:
    """What a text allows; None for a template, of which only a running host knows."""
    template = parse_template(host)
    return parse_outbound_host(host) if template.is_literal else None


def _allowed_by(component: Component, host: str) -> str | None:
    """The entry that allows a host already, if there is one."""
    wanted = _pattern(host)
    for entry in component.allowed_outbound_hosts:
        if entry == host:
            return entry
        try:
            pattern = _pattern(entry)
        except (OutboundHostError, TemplateError):
            continue
        if wanted is not None and pattern is not None and covers(pattern, wanted):
            return entry
    return None

"""`spindle add`: a component for an application, from a template."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import click

from spindle.cli import parameters, prompting, render
from spindle.cli.new import AlreadyThere
from spindle.cli.scaffolding import (
    Wish,
    chosen,
    component_output,
    filled_in,
    named,
    say_next,
    say_what_is_missing,
    wish_options,
)
from spindle.cli.sources import find_source, manifest_option
from spindle.manifest import Manifest
from spindle.overwriting import write_changes
from spindle.templates import (
    Filling,
    Plan,
    Template,
    check_addable,
    clashes,
    placed,
    plan_component,
    routes_of,
    with_snippets,
)

ROUTE = "http-path"
"""The parameter that templates ask for a route by."""


@click.command(
    "add",
    help="Add a component to an application, from a template.",
    epilog="The rest of the manifest stays as it is. What isn't said is asked for on a terminal.",
)
@wish_options
@manifest_option
def command(wish: Wish, source: Path | None) -> None:
    if len(wish.positional) > 2:
        parameters.refuse(f"unexpected argument `{wish.positional[2]}`")
    path = find_source(source, "add").path
    if path.suffix in (".wasm", ".wat"):
        parameters.refuse(f"`{path.name}` has no manifest that anything could be added to")
    old = path.read_bytes().decode()
    template = chosen(wish, "component", lambda one: one.component)
    name = named(wish, template, "component")
    manifest = check_addable(path, old, name)
    plan = _plan(wish, template, name, manifest, old)
    addition = with_snippets(path, old, plan.snippets)
    _make_room(wish, plan, path.parent)
    with placed(plan, path.parent):
        write_changes({path: old}, {path: addition.text})
    what = f"component `{name}`" if addition.components else f"`{name}`"
    render.write(f"added {what} to `{render.shown_path(path, Path.cwd())}`")
    say_what_is_missing(path)
    say_next([f"spindle up{' --build' if addition.components else ''}"])


def _plan(wish: Wish, template: Template, name: str, manifest: Manifest, text: str) -> Plan:
    assert template.component is not None, "it was chosen for it"
    table = tomllib.loads(text.removeprefix("\ufeff"))
    variant = template.component.resolved(table)
    values = filled_in(wish, template, variant, _defaults(template, name, manifest))
    filling = Filling(name, values, component_output(wish, name))
    return plan_component(template, filling, table, ignores=not wish.no_vcs)


def _defaults(template: Template, name: str, manifest: Manifest) -> Mapping[str, str]:
    """Another route than the template's, where something answers that already."""
    taken = routes_of(manifest)
    usual = next((each.default for each in template.parameters if each.id == ROUTE), None)
    return {ROUTE: f"/{name}/..."} if usual in taken else {}


def _make_room(wish: Wish, plan: Plan, root: Path) -> None:
    lost = ", ".join(str(path) for path in clashes(plan, root))
    if not lost or wish.allow_overwrite:
        return
    if prompting.can_ask():
        if not click.confirm(f"files would be replaced: {lost}. Go on?", err=True):
            raise click.Abort
        return
    hints = ("`--allow-overwrite` replaces them", "`--output` puts the component elsewhere")
    raise AlreadyThere(f"files would be replaced: {lost}", path=root, hints=hints)

"""`spindle new`: an application from a template."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import click

from spindle.cli import parameters, prompting, render
from spindle.cli.scaffolding import (
    Wish,
    chosen,
    filled_in,
    named,
    say_next,
    say_what_is_missing,
    wish_options,
)
from spindle.cli.templates.listing import print_templates
from spindle.errors import UserError
from spindle.manifest import Manifest, read_manifest
from spindle.templates import Filling, Plan, clashes, errors_of, placed, plan_application

MANIFEST = Path("spin.toml")


class AlreadyThere(UserError):
    """A directory with files that would be mixed up or lost."""

    code = "already-there"


@click.command(
    "new",
    help="Make an application from a template.",
    epilog="What isn't said is asked for on a terminal; `--list` lists the templates.",
)
@wish_options
@click.option("--list", "list_", is_flag=True, help="List the templates.")
def command(wish: Wish, list_: bool) -> None:
    if list_:
        print_templates(wish.template_dir, wish.tags)
        return
    if len(wish.positional) > 2:
        parameters.refuse(f"unexpected argument `{wish.positional[2]}`")
    template = chosen(wish, "application", lambda one: one.application)
    name = named(wish, template, "application")
    root = Path.cwd() if wish.init else Path.cwd() / (wish.output or name)
    assert template.application is not None, "it was chosen for it"
    values = filled_in(wish, template, template.application, {})
    plan = plan_application(template, Filling(name, values), ignores=not wish.no_vcs)
    manifest = _checked(plan)
    _make_room(wish, plan, root)
    with placed(plan, root):
        pass
    if not wish.no_vcs:
        _start_repository(root)
    _say(template.id, root, manifest)


def _checked(plan: Plan) -> Manifest | None:
    """The manifest that would be written; says what is wrong with it before it is."""
    for path, data in plan.files.items():
        if str(path) == str(MANIFEST):
            manifest, found = read_manifest(MANIFEST, data.decode("utf-8", "replace"))
            if wrong := errors_of(found):
                render.show_diagnostics(wrong)
                raise UserError(
                    "the template makes a manifest that is wrong with these values",
                    hints=("quotes and backslashes may be what it can't take",),
                )
            return manifest
    return None


def _make_room(wish: Wish, plan: Plan, root: Path) -> None:
    """See that nothing is lost and nothing mixed up that nobody wants to be."""
    if root.exists() and not root.is_dir():
        raise AlreadyThere("there is a file of that name", path=root)
    if wish.allow_overwrite or not root.is_dir():
        return
    lost = [str(path) for path in clashes(plan, root)]
    if lost:
        problem = f"files would be replaced: {', '.join(lost)}"
    elif not wish.init and any(each.name != ".git" for each in root.iterdir()):
        problem = "the directory has other files in it"
    else:
        return
    if prompting.can_ask():
        if not click.confirm(f"{problem}. Go on?", err=True):
            raise click.Abort
        return
    hints = ("`--allow-overwrite` makes it all the same", "`--output` makes it elsewhere")
    raise AlreadyThere(problem, path=root, hints=hints)


def _start_repository(root: Path) -> None:
    """A git repository, unless the directory is in one or git isn't there."""
    git = shutil.which("git")
    if git is None or _said_by(git, root, "rev-parse", "--is-inside-work-tree"):
        return
    if not _said_by(git, root, "init", "--quiet"):
        render.write_problem("warning", "`git init` failed; run it yourself if you want it")


def _said_by(git: str, root: Path, *arguments: str) -> bool:
    done = subprocess.run((git, *arguments), cwd=root, capture_output=True, check=False)
    return done.returncode == 0


def _say(template: str, root: Path, manifest: Manifest | None) -> None:
    here = Path.cwd()
    shown = render.shown_path(root, here)
    render.write(f"made `{shown}` of the template `{template}`")
    if manifest is None:
        return
    say_what_is_missing(root / MANIFEST)
    builds = any(component.build is not None for component in manifest.components.values())
    steps = [] if root == here else [f"cd {shown}"]
    serve = f"spindle up{' --build' if builds else ''}" if manifest.triggers else "spindle add"
    say_next([*steps, serve])

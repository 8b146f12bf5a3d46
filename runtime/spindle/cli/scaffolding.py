"""What `new` and `add` have in common: which template, what it is called, its values."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import click

from spindle.cli import parameters, prompting, render
from spindle.doctor import State, admit
from spindle.doctor.toolchains import programs, rust_targets
from spindle.errors import UserError
from spindle.manifest import COMPONENT_ID
from spindle.templates import Parameter, Shelves, Template, Variant, gather
from spindle.text import nearest_name, printable

LONGEST_NAME = 64


class UnknownTemplate(UserError):
    """A template that isn't there, or doesn't do what is asked."""

    code = "unknown-template"


class InvalidName(UserError):
    """A name that no component could have."""

    code = "invalid-name"


class InvalidValue(UserError):
    """A value that the template doesn't take."""

    code = "invalid-value"


class Wish(NamedTuple):
    """What a command line says of the template and what is to be made with it."""

    positional: Sequence[str]
    template: str | None
    tags: Sequence[str]
    template_dir: Path | None
    output: Path | None
    init: bool
    values: Mapping[str, str]
    accept_defaults: bool
    no_vcs: bool
    allow_overwrite: bool


def wish_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of both commands, given to the function as a `Wish`."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        values = parameters.merged((given.pop("values_file") or {}, dict(given.pop("value"))))
        fields = {name: given.pop(name) for name in Wish._fields if name != "values"}
        return command(Wish(values=values, **fields), **given)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def chosen(wish: Wish, what: str, variant: Callable[[Template], Variant | None]) -> Template:
    """The template that is wished for; asked for where nobody said."""
    shelves = gather(wish.template_dir, os.environ)
    id_ = _template_id(wish, shelves)
    fitting = {
        name: template
        for name, template in shelves.templates.items()
        if variant(template) and {tag.lower() for tag in wish.tags} <= template.tags
    }
    if id_ is None:
        id_ = _ask_template(fitting, what)
    if (template := shelves.templates.get(id_)) is None:
        near = nearest_name(id_, shelves.templates)
        hint = f"did you mean `{near}`?" if near else "see `spindle templates list`"
        broken = tuple(f"{error.path}: {error.message}" for error in shelves.broken)
        raise UnknownTemplate(f"there is no template `{id_}`", hints=(hint, *broken))
    if variant(template) is None:
        raise UnknownTemplate(f"the template `{id_}` makes no {what}")
    return template


def named(wish: Wish, template: Template, what: str) -> str:
    """The name of what is to be made; asked for where nobody said."""
    given = _name(wish)
    if given is None:
        if not prompting.can_ask():
            parameters.refuse(
                f"the {what} needs a name", f"give it one: `... {template.id} my-{what}`"
            )
        given = str(click.prompt(f"Name of the {what}", err=True))
    if len(given) > LONGEST_NAME:
        raise InvalidName(f"a name of {len(given)} characters is too long: {LONGEST_NAME} will do")
    if (problem := COMPONENT_ID.problem(given)) is not None:
        near = COMPONENT_ID.suggestion(given)
        suits = near is not None and COMPONENT_ID.problem(near) is None
        hint = f"how about `{near}`?" if suits else COMPONENT_ID.form
        raise InvalidName(
            f"`{printable(given)}` is no name for {with_article(what)}: {printable(problem)}",
            hints=(hint,),
        )
    return given


def filled_in(
    wish: Wish, template: Template, variant: Variant, defaults: Mapping[str, str]
) -> dict[str, str]:
    """A value for each parameter: given, asked for, or its default."""
    asked = {parameter.id: parameter for parameter in template.parameters_of(variant)}
    known = {parameter.id: parameter for parameter in template.parameters}
    for id_, value in wish.values.items():
        _check_value(id_, value, known)
    values = {}
    for id_, parameter in asked.items():
        default = defaults.get(id_, parameter.default)
        values[id_] = wish.values[id_] if id_ in wish.values else _value(wish, parameter, default)
    return values


def say_next(steps: Sequence[str]) -> None:
    """What to type now."""
    render.write("\nNext:")
    for step in steps:
        render.write(f"  {step}")


def say_what_is_missing(manifest: Path, components: Sequence[str] | None = None) -> None:
    """The programs that building needs and this machine lacks."""
    patient = admit(manifest, os.environ)
    for finding in (*programs(patient), *rust_targets(patient)):
        if finding.state is State.ERROR and finding.of_machine:
            remedy = (finding.remedy.shown,) if finding.remedy is not None else ()
            render.write_problem("warning", finding.message, (*finding.hints, *remedy))


def component_output(wish: Wish, name: str) -> PurePosixPath:
    """Where a component's files go, below the application."""
    given = "." if wish.init else (wish.output or Path(name)).as_posix()
    path = PurePosixPath(os.path.normpath(given).replace(os.sep, "/"))
    if path.is_absolute() or ".." in path.parts:
        raise InvalidValue(
            f"`{given}` is outside the application", hints=("give a directory below `spin.toml`",)
        )
    return path


def _template_id(wish: Wish, shelves: Shelves) -> str | None:
    match list(wish.positional):
        case _ if wish.template is not None:
            return wish.template
        case [template, _name]:
            return template
        case [one] if one in shelves.templates:
            return one
        case _:
            return None


def _name(wish: Wish) -> str | None:
    """Of one argument alone: a template's id is a template, anything else a name."""
    match list(wish.positional):
        case [_template, name]:
            if wish.template is not None:
                parameters.refuse("the template is given twice: as an argument and by `--template`")
            return name
        case [one] if wish.template is not None or one not in _ids(wish):
            return one
        case _:
            return None


def _ids(wish: Wish) -> Mapping[str, Template]:
    return gather(wish.template_dir, os.environ).templates


def _ask_template(fitting: Mapping[str, Template], what: str) -> str:
    if not fitting:
        raise UnknownTemplate(
            "no template has all these tags", hints=("see `spindle templates list`",)
        )
    if len(fitting) == 1:
        return next(iter(fitting))
    if not prompting.can_ask():
        parameters.refuse(
            f"which template is the {what} to be made of?",
            f"give one with `--template`: {', '.join(fitting)}",
        )
    shown = {id_: template.description for id_, template in fitting.items()}
    return prompting.ask_choice("Template", shown)


def _check_value(id_: str, value: str, known: Mapping[str, Parameter]) -> None:
    if (parameter := known.get(id_)) is None:
        near = nearest_name(id_, known)
        names = ", ".join(f"`{name}`" for name in known) or "none"
        hint = f"did you mean `{near}`?" if near else f"its parameters: {names}"
        raise InvalidValue(f"the template has no parameter `{printable(id_)}`", hints=(hint,))
    if (problem := parameter.problem(value)) is not None:
        raise InvalidValue(f"`{printable(value)}` is no value for `{id_}`: {problem}")


def _value(wish: Wish, parameter: Parameter, default: str | None) -> str:
    if prompting.can_ask() and not (wish.accept_defaults and default is not None):
        return prompting.ask_parameter(parameter, default)
    if default is None:
        raise InvalidValue(
            f"the template needs `{parameter.id}` ({parameter.prompt})",
            hints=(f"give it with `-v {parameter.id}=...`",),
        )
    return default


def with_article(noun: str) -> str:
    """`an application`, `a component`."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


_TABLE = parameters.Parsed("FILE", lambda text: parameters.parse_variables(f"@{text}"))
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)

_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.argument("positional", nargs=-1, metavar="[TEMPLATE] [NAME]"),
    click.option("-t", "--template", metavar="ID", help="The template."),
    click.option("--tag", "tags", multiple=True, help="Offer only templates with this tag."),
    click.option("--template-dir", type=_FOLDER, help="A folder with templates of one's own."),
    click.option(
        "-o", "--output", type=click.Path(path_type=Path), help="Where to.  [default: NAME]"
    ),
    click.option("--init", is_flag=True, help="Make it here, not in a directory of its own."),
    click.option("-v", "--value", multiple=True, type=parameters.PAIR, help="A parameter's value."),
    click.option("--values-file", type=_TABLE, help="A TOML or JSON file of parameters' values."),
    click.option("-a", "--accept-defaults", is_flag=True, help="Ask only where there is none."),
    click.option("--no-vcs", is_flag=True, help="Make no git repository and no `.gitignore`."),
    click.option(
        "--allow-overwrite",
        "--allow-overwrites",
        is_flag=True,
        help="Replace files that are there.",
    ),
)

"""Rules about variables and the templates that refer to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spindle.checks.subject import Subject, within
from spindle.diagnostics import Diagnostic, Fix
from spindle.manifest import Manifest
from spindle.manifest.edits import fix
from spindle.template import TemplateError, parse_template
from spindle.text import Span, nearest_name


def variable_without_default(subject: Subject) -> Iterator[Diagnostic]:
    """A variable is neither required nor has a default, or is both."""
    for name, variable in subject.manifest.variables.items():
        if variable.required is (variable.default is None):
            continue
        both = variable.required
        editor, node = subject.editor, variable.node
        if both:
            required = node.get("required")
            edit = None if required is None else editor.remove_pair(required)
            mend = fix("Remove `required`", edit, safe=False)
        else:
            mend = fix("Require a value", editor.add_key(node, "required", "true"), safe=True)
            if (required := node.get("required")) is not None:
                mend = fix("Require a value", editor.replace(required.span, "true"), safe=False)
        yield subject.error(
            "required-or-default",
            f"the variable `{name}` must be `required` OR have a `default`, "
            f"and it {'is both' if both else 'is neither'}",
            variable.key_at(),
            "remove one of the two" if both else "add `required = true`, or a `default`",
            fix=mend,
        )


def invalid_template(subject: Subject) -> Iterator[Diagnostic]:
    """A template isn't one, or refers to a variable the application doesn't have."""
    variables = subject.manifest.variables
    for text, span in _templates(subject.manifest):
        try:
            template = parse_template(text)
        except TemplateError as error:
            yield subject.error("invalid-template", str(error), span, "close it with `}}`")
            continue
        for reference in template.references:
            if reference.name not in variables:
                near = nearest_name(reference.name, variables)
                add = f"add `{reference.name}` to `[variables]`"
                place = within(span, text, reference.start, reference.end)
                yield subject.error(
                    "undefined-variable",
                    f'unknown variable "{reference.name}"',
                    place,
                    f"did you mean `{near}`?" if near else add,
                    fix=_defined(subject, reference.name, near, span, place),
                )


def _defined(subject: Subject, name: str, near: str | None, span: Span, place: Span) -> Fix | None:
    """Refer to a variable that exists, or define the one that is referred to."""
    editor = subject.editor
    if near is not None:
        whole = place == span
        edit = None if whole else editor.replace(place, f"{{{{ {near} }}}}")
        return fix(f"Refer to `{near}`", edit, safe=False)
    value = "{ required = true }"
    table = subject.manifest.node.get("variables")
    if table is None:
        edit = editor.add_section(f"[variables]\n{name} = {value}")
    else:
        edit = editor.add_key(table, name, value)
    return fix(f"Add `{name}` to `[variables]`", edit, safe=False)


def _templates(manifest: Manifest) -> Iterator[tuple[str, Span]]:
    """Every string in which variables are filled in."""
    for component in manifest.components.values():
        for name, text in component.variables.items():
            if "{{" in text:
                yield text, component.at("variables", name)
        for text, node in component.strings("allowed_outbound_hosts"):
            if "{{" in text:
                yield text, node.span
    for kind, trigger in manifest.all_triggers:
        for key in TEMPLATES.get(kind, ()):
            text = getattr(trigger, key)
            if text is not None:
                yield text, trigger.at(key)
    for kind, keys in SETTING_TEMPLATES.items():
        for key in keys:
            value = manifest.application.trigger.get(kind, {}).get(key)
            if isinstance(value, str):
                yield value, manifest.application.at("trigger", kind, key)


TEMPLATES = {"redis": ("channel", "address"), "mqtt": ("topic",)}
"""The keys of triggers in which variables are filled in."""
SETTING_TEMPLATES = {"redis": ("address",), "mqtt": ("address", "username", "password")}
"""Those of `[application.trigger.<type>]`."""


def unresolved_variables(subject: Subject, names: Iterable[str]) -> Iterator[Diagnostic]:
    """What to say of required variables that no provider has a value for."""
    for name in names:
        variable = subject.manifest.variables[name]
        yield subject.error(
            "unresolved-variable",
            f'no provider resolved required variable "{name}"',
            variable.key_at(),
            f"pass `--variable {name}=…`, or set `SPIN_VARIABLE_{name.upper()}` in the "
            "environment or in `.env`",
        )

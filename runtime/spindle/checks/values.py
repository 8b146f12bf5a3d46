"""Rules about variables and the templates that refer to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spindle.checks.subject import Subject, within
from spindle.diagnostics import Diagnostic
from spindle.manifest import Manifest, RedisTrigger
from spindle.template import TemplateError, parse_template
from spindle.text import Span, nearest_name


def variable_without_default(subject: Subject) -> Iterator[Diagnostic]:
    """A variable is neither required nor has a default, or is both."""
    for name, variable in subject.manifest.variables.items():
        if variable.required is (variable.default is None):
            continue
        both = variable.required
        yield subject.error(
            "required-or-default",
            f"the variable `{name}` must be `required` OR have a `default`, "
            f"and it {'is both' if both else 'is neither'}",
            variable.key_at(),
            "remove one of the two" if both else "add `required = true`, or a `default`",
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
                yield subject.error(
                    "undefined-variable",
                    f'unknown variable "{reference.name}"',
                    within(span, text, reference.start, reference.end),
                    f"did you mean `{near}`?" if near else add,
                )


def _templates(manifest: Manifest) -> Iterator[tuple[str, Span]]:
    """Every string in which variables are filled in."""
    for component in manifest.components.values():
        yield from ((text, component.at("variables", n)) for n, text in component.variables.items())
        yield from component.texts("allowed_outbound_hosts")
    for trigger in manifest.triggers.get("redis", ()):
        if isinstance(trigger, RedisTrigger):
            yield trigger.channel, trigger.at("channel")
            if trigger.address is not None:
                yield trigger.address, trigger.at("address")
    address = manifest.application.trigger.get("redis", {}).get("address")
    if isinstance(address, str):
        yield address, manifest.application.at("trigger", "redis", "address")


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

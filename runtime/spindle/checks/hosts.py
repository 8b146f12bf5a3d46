"""Rules about `allowed_outbound_hosts`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spindle.checks.subject import Subject, within
from spindle.diagnostics import Diagnostic
from spindle.manifest import Node
from spindle.outbound_hosts import OutboundHost, OutboundHostError, is_absent, parse_outbound_host
from spindle.template import Template, TemplateError, parse_template
from spindle.text import nearest_name


def _each(subject: Subject) -> Iterator[tuple[str, Template, Node]]:
    for id_, component in subject.manifest.components.items():
        for text, node in component.strings("allowed_outbound_hosts"):
            try:
                template = parse_template(text)
            except TemplateError:
                continue
            yield id_, template, node


def _parsed(subject: Subject) -> Iterator[tuple[str, OutboundHost, Node]]:
    for id_, template, node in _each(subject):
        if template.is_literal:
            try:
                yield id_, parse_outbound_host(template.text), node
            except OutboundHostError:
                continue


def invalid_outbound_host(subject: Subject) -> Iterator[Diagnostic]:
    """An allowed host is malformed, as written or with its variables' defaults."""
    for _, template, node in _each(subject):
        resolved = _with_defaults(subject, template)
        if resolved is None or (not template.is_literal and is_absent(resolved)):
            continue
        try:
            parse_outbound_host(resolved)
        except OutboundHostError as error:
            problem = str(error)
            if not template.is_literal:
                problem = (
                    f'using default variable value(s) with template "{template.text}" results in '
                    f'invalid config "{resolved}": {error}'
                )
            message = f"`allowed_outbound_hosts` is malformed: {problem}"
            remedy, better = _remedy(resolved)
            fix = subject.instead(node.span, better) if better and template.is_literal else None
            yield subject.error("invalid-outbound-host", message, node.span, remedy, fix=fix)


def _with_defaults(subject: Subject, template: Template) -> str | None:
    """A template filled in with defaults; None when a variable has none."""
    variables = subject.manifest.variables
    for reference in template.references:
        if reference.name not in variables or variables[reference.name].default is None:
            return None
    return template.filled(lambda name: variables[name].default or "")


def _remedy(text: str) -> tuple[str, str | None]:
    """What to do about a malformed host, and what it may have been meant to be."""
    if text.strip() in ("*", ":", "", "?") or "allow-all" in text:
        return "to allow everything write `*://*:*`", None if not text.strip() else "*://*:*"
    if "://" not in text:
        return f"write `https://{text}`, or another scheme", _if_valid(f"https://{text}")
    if text.startswith("*://") and not re.search(r":(\d|\*)", text.removeprefix("*://")):
        return f"add a port: `{text}:*`", _if_valid(f"{text.rstrip('/')}:*")
    scheme, _, rest = text.partition("://")
    host = _if_valid(f"{scheme}://{rest.partition('/')[0]}")
    form = "write it as `scheme://host[:port]`, with `*` for any of them"
    return (f"write `{host}`, without a path" if host and "/" in rest else form), host


def _if_valid(text: str) -> str | None:
    try:
        parse_outbound_host(text)
    except OutboundHostError:
        return None
    return text


def port_range_end(subject: Subject) -> Iterator[Diagnostic]:
    """A range of ports doesn't include its end."""
    for _, host, node in _parsed(subject):
        found = re.search(r"\d+\.\.\d+/?$", host.text)
        if found is None or host.ports is None:
            continue
        where = within(node.span, host.text, found.start(), found.end())
        if len(host.ports) == 0:
            message = f"the port range `{found[0]}` is empty, because its end is not included"
            help_text = f"write a larger end than {host.ports.stop}"
            yield subject.warning("port-range-end", message, where, help_text)
        else:
            last = host.ports.stop - 1
            message = f"the port range `{found[0]}` doesn't include {host.ports.stop}"
            help_text = f"it ends at {last}; write `{host.ports.start}..{last + 2}` to include it"
            yield subject.info("port-range-end", message, where, help_text)


def undefined_chained_component(subject: Subject) -> Iterator[Diagnostic]:
    """A component may call another one that doesn't exist."""
    components = subject.manifest.components
    for id_, host, node in _parsed(subject):
        name = host.chained_component
        if name is not None and name not in components:
            near = nearest_name(name, components)
            yield subject.warning(
                "undefined-chained-component",
                f"`{id_}` may call the component `{name}`, which doesn't exist",
                node.span,
                f"did you mean `{near}`?" if near else f"add a `[component.{name}]` table",
                fix=subject.instead(node.span, host.text.replace(name, near, 1)) if near else None,
            )

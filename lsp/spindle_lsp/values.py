"""What a variable's value is on this machine, as far as it can be known without a server."""

from __future__ import annotations

from typing import NamedTuple

from spindle.template import TemplateError, parse_template
from spindle.variables import DotenvError, Provider
from spindle_lsp.snapshot import Snapshot

REDACTED = "••••••"


class Value(NamedTuple):
    """A variable's value, fit to be shown: a secret one is redacted."""

    text: str
    origin: str
    """Where it comes from."""


def value_of(snapshot: Snapshot, name: str) -> Value | None:
    """A variable's value; None when nothing that is known here gives one."""
    manifest = snapshot.manifest
    variable = None if manifest is None else manifest.variables.get(name)
    if variable is None:
        return None
    found = _provided(snapshot, name)
    if found is None and variable.default is not None:
        found = Value(variable.default, "the default")
    return found._replace(text=REDACTED) if found is not None and variable.secret else found


def filled(snapshot: Snapshot, text: str) -> str | None:
    """A template with its variables' values, secrets redacted; None when one is not known."""
    try:
        template = parse_template(text)
    except TemplateError:
        return None
    values = {r.name: value_of(snapshot, r.name) for r in template.references}
    if any(value is None for value in values.values()):
        return None
    return template.filled(lambda name: value.text if (value := values[name]) else "")


def _provided(snapshot: Snapshot, name: str) -> Value | None:
    for provider in snapshot.providers:
        value = _asked(provider, name)
        if value is not None:
            is_environment = provider is snapshot.environment
            variable = f"`SPIN_VARIABLE_{name.upper()}`"
            return Value(value, variable if is_environment else "the runtime configuration")
    return None


def _asked(provider: Provider, name: str) -> str | None:
    try:
        value = provider.get(name)
    except DotenvError:
        return None
    return value if isinstance(value, str) else None

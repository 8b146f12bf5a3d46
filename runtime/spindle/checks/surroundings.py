"""Rules about what else tells of the application: its configuration, environment and `.env`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from spindle.checks.stamps import Stamp, stamp_of
from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic, Severity
from spindle.runtime_config import RuntimeConfig, StaticVariables
from spindle.text import Position, Span, nearest_name
from spindle.variables import DotenvError, EnvironmentProvider, Provider


def value_of_no_variable(subject: Subject) -> Iterator[Diagnostic]:
    """The runtime configuration has a value for a variable that the application doesn't have."""
    config, variables = subject.runtime_config, subject.manifest.variables
    for provider in config.variables_providers if config is not None else ():
        if not isinstance(provider, StaticVariables):
            continue
        for name in provider.values:
            if name not in variables:
                near = nearest_name(name, variables)
                yield Diagnostic(
                    "value-of-no-variable",
                    Severity.WARNING,
                    f"there is a value for `{name}`, which is no variable of the application",
                    config.path if config is not None else None,
                    provider.key_at("values", name),
                    help=f"did you mean `{near}`?" if near else f"add `{name}` to `[variables]`",
                )


def tls_of_no_component(subject: Subject) -> Iterator[Diagnostic]:
    """The runtime configuration has TLS settings for a component that doesn't exist."""
    config, components = subject.runtime_config, subject.manifest.components
    for tls in config.client_tls if config is not None else ():
        for id_, span in tls.texts("component_ids"):
            if id_ not in components:
                near = nearest_name(id_, components)
                yield Diagnostic(
                    "undefined-component",
                    Severity.WARNING,
                    f'no such component "{id_}"',
                    config.path if config is not None else None,
                    span,
                    help=f"did you mean `{near}`?" if near else "remove it",
                )


def variable_without_value(subject: Subject) -> Iterator[Diagnostic]:
    """Nothing that can be seen from here gives a required variable its value."""
    required = [n for n, v in subject.manifest.variables.items() if v.required and not v.default]
    config = subject.runtime_config or RuntimeConfig()
    local = config.local_providers()
    if not required or len(local) < len(config.variables_providers):
        # What a server has can't be seen.
        return
    here, beside = Path.cwd() / ".env", subject.root / ".env"
    providers = (*local, _environment(here))
    for name in required:
        if _value(providers, name):
            continue
        span = subject.manifest.variables[name].key_at()
        if here != beside and _value((_environment(beside),), name):
            yield subject.info(
                "dotenv-elsewhere",
                f"`{name}` has its value in `.env` beside the manifest, which is read only when "
                "the application is started in that directory",
                span,
                f"start it in `{subject.root}`, or name the file as `dotenv_path` of an `env` "
                "provider in the runtime configuration",
            )
        else:
            yield subject.info(
                "variable-without-value",
                f"nothing here gives the required variable `{name}` a value",
                span,
                f"pass `--variable {name}=…`, or set `SPIN_VARIABLE_{name.upper()}` in the "
                "environment or in `.env`",
            )


def dotenv_of_no_variable(subject: Subject) -> Iterator[Diagnostic]:
    """The `.env` beside the manifest has a value for what is almost a variable's name."""
    variables, path = subject.manifest.variables, subject.root / ".env"
    for line, (name, start, end) in _set_in(path).items():
        if name not in variables and (near := nearest_name(name, variables)) is not None:
            yield Diagnostic(
                "value-of-no-variable",
                Severity.WARNING,
                f"there is a value for `{name}`, which is no variable of the application",
                path,
                Span(Position(line, start), Position(line, end)),
                help=f"did you mean `{near}`?",
            )


def _set_in(path: Path) -> Mapping[int, tuple[str, int, int]]:
    """The variables that a dotenv file sets: by line, the name and where it stands."""
    stamp = stamp_of(path)
    return {} if stamp is None else _settings(path, stamp)


@lru_cache(maxsize=16)
def _settings(path: Path, _stamp: Stamp) -> Mapping[int, tuple[str, int, int]]:
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return {}
    found = ((number, _SETTING.match(line)) for number, line in enumerate(lines))
    return {n: (m[1].lower(), m.start(1), m.end(1)) for n, m in found if m is not None}


_SETTING = re.compile(r"(?:export[ \t]+)?SPIN_VARIABLE_(\w+)[ \t]*=", re.ASCII)


def _value(providers: tuple[Provider, ...], name: str) -> bool:
    try:
        return any(provider.get(name) is not None for provider in providers)
    except DotenvError:
        return True


def _environment(dotenv: Path) -> EnvironmentProvider:
    """The environment, with a dotenv file that is read again when it changes."""
    stamp = stamp_of(dotenv)
    return EnvironmentProvider() if stamp is None else _with_dotenv(dotenv, stamp)


@lru_cache(maxsize=16)
def _with_dotenv(dotenv: Path, _stamp: Stamp) -> EnvironmentProvider:
    return EnvironmentProvider(dotenv=dotenv)

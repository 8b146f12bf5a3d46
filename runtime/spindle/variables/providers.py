"""Where values of variables come from.

A provider is asked each time a value is needed. The order is the caller's: the command line first,
then those of the runtime configuration in its order, then the environment, and after all of them
the manifest's default.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from spindle.errors import UserError

DEFAULT_PREFIX = "SPIN_VARIABLE"


class Provider(Protocol):
    """A source of values; one that must wait for them returns an awaitable."""

    def get(self, name: str) -> str | Awaitable[str | None] | None:
        """The value of a variable, None when this provider has none; raises `ProviderError`."""


@dataclass(frozen=True, slots=True)
class StaticProvider:
    """Values given once: on the command line, or in the runtime configuration."""

    values: Mapping[str, str] = field(repr=False)

    def get(self, name: str) -> str | None:
        """The value given for a variable."""
        return self.values.get(name)


class DotenvError(UserError):
    """The `.env` file can't be read."""

    code = "dotenv"


@dataclass(slots=True, eq=False)
class EnvironmentProvider:
    """Environment variables `{prefix}_{NAME}`, then those of a dotenv file, read once."""

    prefix: str = DEFAULT_PREFIX
    dotenv: Path | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    _dotenv_values: Mapping[str, str] | None = field(default=None, repr=False)

    def get(self, name: str) -> str | None:
        """The value in the environment, else in the dotenv file; raises `DotenvError`."""
        key = f"{self.prefix}_{name.upper()}"
        value = self.environment.get(key)
        return self._from_dotenv(key) if value is None else value

    def _from_dotenv(self, key: str) -> str | None:
        if self._dotenv_values is None:
            self._dotenv_values = _read_dotenv(self.dotenv)
        return self._dotenv_values.get(key)


def _read_dotenv(path: Path | None) -> Mapping[str, str]:
    if path is None or not path.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        values = dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        raise DotenvError(f"`{path}` can't be read: {error}", path=path) from None
    return {key: value for key, value in values.items() if value is not None}


def default_providers(
    given: Mapping[str, str],
    configured: Sequence[Provider] = (),
    *,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[Provider, ...]:
    """All providers in their order.

    `given` comes from the command line, `configured` from the runtime configuration. The `.env`
    file is the one of `directory`, by default the current directory of the process, not the
    application's, as in Spin.
    """
    dotenv = (Path.cwd() if directory is None else directory) / ".env"
    env = EnvironmentProvider(
        dotenv=dotenv, environment=os.environ if environment is None else environment
    )
    return (StaticProvider(dict(given)), *configured, env)

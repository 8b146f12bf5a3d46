"""Variables: where their values come from, and templates filled in with them."""

from spindle.variables.names import ProviderError, VariableError, check_name
from spindle.variables.providers import (
    DotenvError,
    EnvironmentProvider,
    Provider,
    StaticProvider,
    default_providers,
)
from spindle.variables.resolver import Resolver

__all__ = [
    "DotenvError",
    "EnvironmentProvider",
    "Provider",
    "ProviderError",
    "Resolver",
    "StaticProvider",
    "VariableError",
    "check_name",
    "default_providers",
]

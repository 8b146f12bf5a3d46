"""Variables from servers: HashiCorp Vault and Azure Key Vault.

A server is asked each time a guest wants a value, as in Spin, so that a secret may be changed
while the application runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from spindle.factors.remote_variables.azure import AzureProvider
from spindle.factors.remote_variables.vault import VaultProvider
from spindle.runtime_config import AzureKeyVaultVariables, RuntimeConfig, VaultVariables
from spindle.variables import Provider

__all__ = ["AzureProvider", "VaultProvider", "close_providers", "providers_of"]


def providers_of(config: RuntimeConfig, on_trouble: Callable[[str], None]) -> tuple[Provider, ...]:
    """All providers of a runtime configuration, in its order; raises `UserError`.

    `on_trouble` is told, for people, why a server gave no value.
    """
    providers: list[Provider] = []
    for settings in config.variables_providers:
        match settings:
            case VaultVariables():
                providers.append(VaultProvider(settings, on_trouble))
            case AzureKeyVaultVariables():
                providers.append(AzureProvider(settings, on_trouble))
            case _:
                providers.append(config.local_provider(settings))
    return tuple(providers)


async def close_providers(providers: Iterable[Provider]) -> None:
    """Close the connections of those that have any."""
    for provider in providers:
        if isinstance(provider, VaultProvider | AzureProvider):
            await provider.close()

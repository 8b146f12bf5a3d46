"""Variables in Azure Key Vault: a secret of the same name each.

As in Spin, a secret that isn't there is a failure, and no other provider is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from spindle.errors import UserError
from spindle.factors.key_value.azure import AzureError, AzureTokens, Principal
from spindle.factors.key_value.cloud import Cloud, Reply, Unreachable
from spindle.runtime_config import AUTHORITIES, AzureKeyVaultVariables
from spindle.variables import ProviderError

_API_VERSION = "7.4"


class AzureProvider:
    """Asks one vault."""

    def __init__(
        self,
        settings: AzureKeyVaultVariables,
        on_trouble: Callable[[str], None],
        authorities: dict[str, str] | None = None,
    ) -> None:
        """Raises `UserError` for a service principal that is told in part."""
        self._url = settings.vault_url.rstrip("/")
        self._on_trouble = on_trouble
        self._cloud = Cloud()
        principal = _principal(settings, authorities or AUTHORITIES)
        self._tokens = AzureTokens(_resource(self._url), principal)

    async def get(self, name: str) -> str:
        """The value of a variable; raises `ProviderError`."""
        try:
            token = await self._tokens.token()
            url = f"{self._url}/secrets/{quote(name)}?api-version={_API_VERSION}"
            headers = {"authorization": f"Bearer {token}"}
            reply = await self._cloud.ask("GET", url, lambda: headers)
        except AzureError as error:
            raise self._failure(f"gives no value: {error}") from None
        except Unreachable as error:
            raise self._failure(f"can't be reached: {error}") from None
        value = reply.body.get("value") if isinstance(reply.body, dict) else None
        if reply.status != 200 or not isinstance(value, str):
            raise self._failure(f"has no value for variable `{name}`: {_why(reply)}")
        return value

    async def close(self) -> None:
        """Close the connections."""
        await self._cloud.close()

    def _failure(self, what: str) -> ProviderError:
        error = ProviderError(f"Azure Key Vault at `{self._url}` {what}")
        self._on_trouble(error.message)
        return error


def _principal(settings: AzureKeyVaultVariables, authorities: dict[str, str]) -> Principal | None:
    """Who asks, if the configuration says; else the environment does."""
    tenant, client, secret = settings.tenant_id, settings.client_id, settings.client_secret
    if tenant is None and client is None and secret is None:
        return None
    if tenant is None or client is None or secret is None:
        raise UserError(
            "`client_id`, `client_secret` and `tenant_id` of `azure_key_vault` go together",
            hints=("give all three, or none to use the environment's credentials",),
        )
    authority = authorities[settings.authority_host or next(iter(authorities))]
    return Principal(tenant, client, secret, authority)


def _resource(url: str) -> str:
    """What a token must be for: the vaults of the cloud the vault is in."""
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    _, dot, domain = host.partition(".")
    return f"https://{domain}" if dot and domain.startswith("vault.") else "https://vault.azure.net"


def _why(reply: Reply) -> str:
    error = reply.body.get("error") if isinstance(reply.body, dict) else None
    said = error.get("message") if isinstance(error, dict) else None
    return f"{said} (status {reply.status})" if said else f"status {reply.status}"

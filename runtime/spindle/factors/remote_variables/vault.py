"""Variables in HashiCorp Vault: each the field `value` of a secret of the key-value engine."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from spindle.factors.key_value.cloud import Cloud, Reply, Unreachable
from spindle.factors.outbound_url import without_password
from spindle.runtime_config import VaultVariables
from spindle.variables import ProviderError


class VaultProvider:
    """Asks one server; a secret that isn't there leaves the variable to the next provider."""

    def __init__(self, settings: VaultVariables, on_trouble: Callable[[str], None]) -> None:
        self._settings = settings
        self._on_trouble = on_trouble
        self._cloud = Cloud()

    async def get(self, name: str) -> str | None:
        """The value of a variable; raises `ProviderError`."""
        try:
            reply = await self._cloud.ask("GET", self._url(name), self._headers)
        except Unreachable as error:
            raise self._failure(f"can't be reached: {error}") from None
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise self._failure(f"refuses variable `{name}`: {_why(reply)}")
        value = _value(reply)
        if value is None:
            raise self._failure(f"has no text `value` in its secret for variable `{name}`")
        return value

    async def close(self) -> None:
        """Close the connections."""
        await self._cloud.close()

    def _url(self, name: str) -> str:
        settings = self._settings
        path = name if settings.prefix is None else f"{settings.prefix}/{name}"
        return f"{settings.url.rstrip('/')}/v1/{quote(settings.mount)}/data/{quote(path)}"

    def _headers(self) -> dict[str, str]:
        return {"x-vault-token": self._settings.token, "x-vault-request": "true"}

    def _failure(self, what: str) -> ProviderError:
        error = ProviderError(f"Vault at `{without_password(self._settings.url)}` {what}")
        self._on_trouble(error.message)
        return error


def _value(reply: Reply) -> str | None:
    """The field; None where an answer lacks it."""
    try:
        value = reply.body["data"]["data"]["value"]
    except (KeyError, TypeError):
        return None
    return value if isinstance(value, str) else None


def _why(reply: Reply) -> str:
    errors = reply.body.get("errors") if isinstance(reply.body, dict) else None
    said = "; ".join(map(str, errors)) if isinstance(errors, list) else ""
    return f"{said} (status {reply.status})" if said else f"status {reply.status}"

"""Tokens by which Azure knows who asks: a service principal of the environment, or `az`."""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import NamedTuple
from urllib.parse import urlencode

from spindle.factors.key_value.cloud import Cloud

_EARLY = 300
"""Seconds before its end that a token is not used any more."""


class AzureError(Exception):
    """There is no token to be had."""


class _Token(NamedTuple):
    text: str
    until: float


class Principal(NamedTuple):
    """A program that Azure knows."""

    tenant: str
    client: str
    secret: str
    authority: str
    """The server that gives out tokens."""

    def __repr__(self) -> str:
        return f"Principal({self.tenant!r}, {self.client!r})"


def environment_principal() -> Principal | None:
    """The service principal that Azure's environment variables name, if they do."""
    names = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
    tenant, client, secret = (os.environ.get(name, "") for name in names)
    host = os.environ.get("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com")
    return Principal(tenant, client, secret, host) if tenant and client and secret else None


class AzureTokens:
    """Tokens for one resource, of a principal, else of whom the environment names."""

    def __init__(self, resource: str, principal: Principal | None = None) -> None:
        self._resource = resource
        self._principal = principal
        self._token = _Token("", 0)

    async def token(self) -> str:
        """A token that is valid; raises `AzureError` and `Unreachable`."""
        if self._token.until < time.time() + _EARLY:
            principal = self._principal or environment_principal()
            if principal is None:
                self._token = await self._of_person()
            else:
                self._token = await self._of_principal(principal)
        return self._token.text

    async def _of_principal(self, principal: Principal) -> _Token:
        form = {
            "grant_type": "client_credentials",
            "client_id": principal.client,
            "client_secret": principal.secret,
            "scope": f"{self._resource}/.default",
        }
        kind, cloud = {"content-type": "application/x-www-form-urlencoded"}, Cloud()
        url = f"{principal.authority.rstrip('/')}/{principal.tenant}/oauth2/v2.0/token"
        try:
            reply = await cloud.ask("POST", url, lambda: kind, urlencode(form).encode())
        finally:
            await cloud.close()
        answer = reply.body if isinstance(reply.body, dict) else {}
        if reply.status != 200 or "access_token" not in answer:
            why = answer.get("error_description", f"status {reply.status}")
            raise AzureError(f"Azure gives the service principal no token: {why}")
        return _Token(answer["access_token"], time.time() + float(answer.get("expires_in", 0)))

    async def _of_person(self) -> _Token:
        command = ("account", "get-access-token", "--resource", self._resource, "-o", "json")
        try:
            process = await asyncio.create_subprocess_exec(
                "az",
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError:
            raise AzureError(
                "there are no credentials: give them in the runtime configuration, or set"
                " `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET`, or install `az`"
                " and log in"
            ) from None
        output, errors = await process.communicate()
        if process.returncode:
            raise AzureError(f"`az` gives no token: {errors.decode(errors='replace').strip()}")
        answer = json.loads(output)
        return _Token(answer["accessToken"], float(answer.get("expires_on", time.time() + 600)))

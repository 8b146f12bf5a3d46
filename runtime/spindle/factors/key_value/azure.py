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


class AzureTokens:
    """Tokens for one resource."""

    def __init__(self, resource: str) -> None:
        self._resource = resource
        self._token = _Token("", 0)

    async def token(self) -> str:
        """A token that is valid; raises `AzureError` and `Unreachable`."""
        if self._token.until < time.time() + _EARLY:
            names = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
            tenant, client, secret = (os.environ.get(name, "") for name in names)
            if tenant and client and secret:
                self._token = await self._of_principal(tenant, client, secret)
            else:
                self._token = await self._of_person()
        return self._token.text

    async def _of_principal(self, tenant: str, client: str, secret: str) -> _Token:
        host = os.environ.get("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com")
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": secret,
            "scope": f"{self._resource}/.default",
        }
        kind, cloud = {"content-type": "application/x-www-form-urlencoded"}, Cloud()
        url = f"{host.rstrip('/')}/{tenant}/oauth2/v2.0/token"
        try:
            reply = await cloud.ask("POST", url, lambda: kind, urlencode(form).encode())
        finally:
            await cloud.close()
        if reply.status != 200:
            why = (reply.body or {}).get("error_description", f"status {reply.status}")
            raise AzureError(f"Azure gives the service principal no token: {why}")
        return _Token(reply.body["access_token"], time.time() + int(reply.body["expires_in"]))

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
                "there are no credentials: give the store's `key`, or set `AZURE_TENANT_ID`,"
                " `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET`, or install `az` and log in"
            ) from None
        output, errors = await process.communicate()
        if process.returncode:
            raise AzureError(f"`az` gives no token: {errors.decode(errors='replace').strip()}")
        answer = json.loads(output)
        return _Token(answer["accessToken"], float(answer.get("expires_on", time.time() + 600)))

"""Vault's and Azure Key Vault's answers to reading one secret, as their documentation has them."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from tests.network.origin import Origin, ok


def reply(status: int, value: object) -> bytes:
    body = json.dumps(value).encode()
    line = b"HTTP/1.1 %d Said" % status
    return ok(body, b"content-type: application/json").replace(b"HTTP/1.1 200 OK", line)


class Vault(Origin):
    """The key-value engine, version 2, at the mount `kv`; `secrets` by path."""

    token = "hvs.token-nobody-sees"

    def __init__(self, secrets: dict[str, object]) -> None:
        self.secrets = secrets
        self.sealed = False
        super().__init__(self._reply)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _reply(self, request: bytes) -> bytes:
        line, *fields = request.split(b"\r\n")
        path = line.split()[1].decode()
        if self.sealed:
            return reply(503, {"errors": ["Vault is sealed"]})
        if f"x-vault-token: {self.token}".encode() not in [field.lower() for field in fields]:
            return reply(403, {"errors": ["permission denied"]})
        secret = self.secrets.get(path.removeprefix("/v1/kv/data/"))
        if secret is None:
            return reply(404, {"errors": []})
        metadata = {"created_time": "2026-01-01T00:00:00Z", "destroyed": False, "version": 1}
        return reply(200, {"request_id": "1", "data": {"data": secret, "metadata": metadata}})


class KeyVault(Origin):
    """A vault and the authority that gives out tokens for it."""

    secret = "principal-secret-nobody-sees"

    def __init__(self, secrets: dict[str, str]) -> None:
        self.secrets = secrets
        self.tokens = 0
        super().__init__(self._reply)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _reply(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        line, *fields = head.lower().split(b"\r\n")
        path = line.split()[1].decode()
        if path == "/tenant/oauth2/v2.0/token":
            return self._token(parse_qs(body.decode()))
        if b"authorization: bearer the-token" not in fields:
            return reply(401, {"error": {"code": "Unauthorized", "message": "no token"}})
        name, _, query = path.removeprefix("/secrets/").partition("?")
        assert query == "api-version=7.4"
        if name not in self.secrets:
            message = f"A secret with (name/id) {name} was not found in this key vault."
            return reply(404, {"error": {"code": "SecretNotFound", "message": message}})
        return reply(200, {"value": self.secrets[name], "id": f"{self.url}/secrets/{name}/1"})

    def _token(self, form: dict[str, list[str]]) -> bytes:
        expected = {
            "grant_type": ["client_credentials"],
            "client_id": ["client"],
            "client_secret": [self.secret],
            "scope": ["https://vault.azure.net/.default"],
        }
        if form != expected:
            return reply(401, {"error": "invalid_client", "error_description": "AADSTS7000215"})
        self.tokens += 1
        return reply(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": "the-token"})

"""The runtime configuration as read: typed, immutable, every element knowing its place.

Secrets (keys, tokens, values of variables) don't show in representations.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spindle.manifest.element import EMPTY, Element
from spindle.variables import EnvironmentProvider, Provider, StaticProvider


class LocalStore(Element):
    """`type = "spin"`: a key-value store in an SQLite file; without a path in memory."""

    type: str = "spin"
    path: str | None = None
    """Relative to the runtime configuration's directory."""


class RedisStore(Element):
    """`type = "redis"`."""

    hidden = ("url",)
    type: str = "redis"
    url: str


class AzureCosmosStore(Element):
    """`type = "azure_cosmos"`; without a key the environment's credentials are used."""

    hidden = ("key",)
    type: str = "azure_cosmos"
    account: str
    database: str
    container: str
    key: str | None = None


class AwsDynamoStore(Element):
    """`type = "aws_dynamo"`; without keys the environment's credentials are used."""

    hidden = (
        "access_key",
        "secret_key",
        "token",
    )
    type: str = "aws_dynamo"
    region: str
    table: str
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    consistent_read: bool = False


KeyValueStore = LocalStore | RedisStore | AzureCosmosStore | AwsDynamoStore


class LocalDatabase(Element):
    """`type = "spin"`: an SQLite file; without a path in memory."""

    type: str = "spin"
    path: str | None = None
    """Relative to the current directory of the process, as in Spin."""
    allow_attach_file: bool = False


class LibSqlDatabase(Element):
    """`type = "libsql"`."""

    hidden = ("token",)
    type: str = "libsql"
    url: str
    token: str


SqliteDatabase = LocalDatabase | LibSqlDatabase


class LocalLlm(Element):
    """`type = "spin"`: models on this machine."""

    type: str = "spin"


class RemoteLlm(Element):
    """`type = "remote_http"`."""

    hidden = ("auth_token",)
    type: str = "remote_http"
    url: str
    auth_token: str
    api_type: str = "default"


LlmCompute = LocalLlm | RemoteLlm


AUTHORITIES = {
    "AzurePublicCloud": "https://login.microsoftonline.com",
    "AzureChina": "https://login.chinacloudapi.cn",
    "AzureGermany": "https://login.microsoftonline.de",
    "AzureGovernment": "https://login.microsoftonline.us",
}
"""Where Azure's clouds give out tokens, by the name `authority_host` has for each."""


class StaticVariables(Element):
    """`type = "static"`."""

    hidden = ("values",)
    type: str = "static"
    values: Mapping[str, str]


class EnvironmentVariables(Element):
    """`type = "env"`."""

    type: str = "env"
    prefix: str | None = None
    dotenv_path: str | None = None


class VaultVariables(Element):
    """`type = "vault"`."""

    hidden = ("token",)
    type: str = "vault"
    url: str
    token: str
    mount: str
    prefix: str | None = None


class AzureKeyVaultVariables(Element):
    """`type = "azure_key_vault"`."""

    hidden = ("client_secret",)
    type: str = "azure_key_vault"
    vault_url: str
    client_id: str | None = None
    client_secret: str | None = None
    tenant_id: str | None = None
    authority_host: str | None = None


VariablesProvider = StaticVariables | EnvironmentVariables | VaultVariables | AzureKeyVaultVariables


class ClientTls(Element):
    """`[[client_tls]]`: how some components speak TLS with some hosts."""

    component_ids: tuple[str, ...]
    hosts: tuple[str, ...]
    ca_use_platform_roots: bool | None = None
    ca_use_webpki_roots: bool | None = None
    ca_roots_file: str | None = None
    client_cert_file: str | None = None
    client_private_key_file: str | None = None


class OutboundNetworking(Element):
    """`[outbound_networking]`."""

    block_networks: tuple[str, ...] = ()
    """CIDRs, and `private` for all private networks."""
    max_socket_connections: int | None = None
    max_total_connections: int | None = None


class OutboundHttp(Element):
    """`[outbound_http]`; a table without `connection_pooling` turns pooling off, as in Spin."""

    connection_pooling: bool = False
    max_connections: int | None = None
    max_concurrent_requests: int | None = None

    @property
    def most_connections(self) -> int | None:
        """The limit by either name; the old one allows one more than it says, as in Spin."""
        if self.max_connections is None and self.max_concurrent_requests is not None:
            return self.max_concurrent_requests + 1
        return self.max_connections


class Limits(Element):
    """`[outbound_pg]`, `[outbound_mysql]`, `[outbound_redis]`, `[outbound_mqtt]`."""

    max_connections: int | None = None
    max_payload_size_bytes: int | None = None


class RuntimeConfig(Element):
    """A whole runtime configuration; the default is that of no file."""

    path: Path | None = None
    state_dir: str | None = None
    """As written; empty for none."""
    log_dir: str | None = None
    """As written; empty for none."""
    max_instance_memory: int | None = None
    """Bytes."""
    key_value_stores: Mapping[str, KeyValueStore] = EMPTY
    """By label."""
    sqlite_databases: Mapping[str, SqliteDatabase] = EMPTY
    """By label."""
    llm_compute: LlmCompute | None = None
    variables_providers: tuple[VariablesProvider, ...] = ()
    client_tls: tuple[ClientTls, ...] = ()
    outbound_networking: OutboundNetworking = OutboundNetworking()
    outbound_http: OutboundHttp = OutboundHttp(connection_pooling=True)
    outbound_pg: Limits = Limits()
    outbound_mysql: Limits = Limits()
    outbound_redis: Limits = Limits()
    outbound_mqtt: Limits = Limits()

    @property
    def directory(self) -> Path:
        """What paths of key-value stores are relative to."""
        return Path.cwd() if self.path is None else self.path.parent

    def store_path(self, store: LocalStore) -> Path | None:
        """Where a local key-value store's file is; None for one in memory."""
        return None if store.path is None else self.directory / store.path

    def database_path(self, database: LocalDatabase) -> Path | None:
        """Where a local database's file is; None for one in memory."""
        return None if database.path is None else Path.cwd() / database.path

    def local_provider(self, settings: StaticVariables | EnvironmentVariables) -> Provider:
        """A variables provider that needs no server."""
        if isinstance(settings, StaticVariables):
            return StaticProvider(settings.values)
        dotenv = None if settings.dotenv_path is None else Path.cwd() / settings.dotenv_path
        if settings.prefix is None:
            return EnvironmentProvider(dotenv=dotenv)
        return EnvironmentProvider(settings.prefix, dotenv)

    def local_providers(self) -> tuple[Provider, ...]:
        """The variables providers that need no server, in the text's order."""
        return tuple(
            self.local_provider(settings)
            for settings in self.variables_providers
            if isinstance(settings, StaticVariables | EnvironmentVariables)
        )

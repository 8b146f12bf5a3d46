"""The schema of `runtime-config.toml`: every key, its type and what it is for."""

from __future__ import annotations

from ipaddress import ip_network

from spindle.manifest.ids import Grammar
from spindle.manifest.schema import Array, Boolean, Integer, Key, Map, Record, Tagged, Text
from spindle.runtime_config import model


def _network_problem(text: str) -> str | None:
    if text == "private":
        return None
    try:
        ip_network(text, strict=False)
    except ValueError:
        return "must be a CIDR or `private`"
    return None


def _http_url_problem(text: str) -> str | None:
    is_http = text.startswith(("http://", "https://"))
    return None if is_http else "must begin with `http://` or `https://`"


def _api_problem(text: str) -> str | None:
    return None if text in ("default", "open_ai") else "must be `default` or `open_ai`"


def _authority_problem(text: str) -> str | None:
    known = ", ".join(f"`{name}`" for name in model.AUTHORITIES)
    return None if text in model.AUTHORITIES else f"must be one of {known}"


NETWORK = Grammar(
    "invalid-value", "network", _network_problem, "write it like `10.0.0.0/8`, or `private`"
)
HTTP_URL = Grammar("invalid-value", "URL", _http_url_problem, "write it like `https://example.com`")
AUTHORITY = Grammar(
    "invalid-value", "cloud", _authority_problem, "most vaults are in `AzurePublicCloud`"
)
API_TYPE = Grammar("invalid-value", "`api_type`", _api_problem, "most servers speak `open_ai`")

TEXT = Text()
TEXTS = Array(TEXT)
BOOLEAN = Boolean()
COUNT = Integer(0)


def _variant(type_: str, what: type, doc: str, *keys: Key) -> Record:
    return Record(type_, (Key("type", TEXT, doc, required=True), *keys), what, doc)


KEY_VALUE_STORE = Tagged(
    {
        "spin": _variant(
            "spin",
            model.LocalStore,
            "A store in an SQLite file.",
            Key(
                "path",
                TEXT,
                "The file, relative to this file's directory; without one it is in memory.",
            ),
        ),
        "redis": _variant(
            "redis",
            model.RedisStore,
            "A store in Redis.",
            Key("url", TEXT, "The server, `redis://host[:port][/db]`.", required=True),
        ),
        "azure_cosmos": _variant(
            "azure_cosmos",
            model.AzureCosmosStore,
            "A store in Azure Cosmos DB.",
            Key("key", TEXT, "The account's key; else the environment's credentials are used."),
            Key("account", TEXT, "The account.", required=True),
            Key("database", TEXT, "The database.", required=True),
            Key("container", TEXT, "The container, its partition key `/id`.", required=True),
        ),
        "aws_dynamo": _variant(
            "aws_dynamo",
            model.AwsDynamoStore,
            "A store in AWS DynamoDB.",
            Key("region", TEXT, "The region.", required=True),
            Key("table", TEXT, "The table.", required=True),
            Key("access_key", TEXT, "The access key; else the environment's credentials."),
            Key("secret_key", TEXT, "The secret key."),
            Key("token", TEXT, "The session token."),
            Key("consistent_read", BOOLEAN, "Whether reads are strongly consistent."),
        ),
    }
)

SQLITE_DATABASE = Tagged(
    {
        "spin": _variant(
            "spin",
            model.LocalDatabase,
            "A database in an SQLite file.",
            Key(
                "path",
                TEXT,
                "The file, relative to the current directory; without one it is in memory.",
            ),
            Key("allow_attach_file", BOOLEAN, "Whether guests may `ATTACH` files."),
        ),
        "libsql": _variant(
            "libsql",
            model.LibSqlDatabase,
            "A database on a libSQL server.",
            Key("url", Text(HTTP_URL), "The server's `http` or `https` URL.", required=True),
            Key("token", TEXT, "The token to authenticate with.", required=True),
        ),
    }
)

LLM_COMPUTE = Tagged(
    {
        "spin": _variant("spin", model.LocalLlm, "Models on this machine."),
        "remote_http": _variant(
            "remote_http",
            model.RemoteLlm,
            "Models behind an HTTP API.",
            Key("url", TEXT, "The API's URL.", required=True),
            Key("auth_token", TEXT, "The token to authenticate with.", required=True),
            Key("api_type", Text(API_TYPE), "`default` or `open_ai`."),
        ),
    }
)

VARIABLES_PROVIDER = Tagged(
    {
        "static": _variant(
            "static",
            model.StaticVariables,
            "Values written here.",
            Key("values", Map(TEXT), "Values by variable.", required=True),
        ),
        "env": _variant(
            "env",
            model.EnvironmentVariables,
            "Environment variables.",
            Key("prefix", TEXT, "What their names begin with; `SPIN_VARIABLE` when missing."),
            Key("dotenv_path", TEXT, "A dotenv file to read them from as well."),
        ),
        "vault": _variant(
            "vault",
            model.VaultVariables,
            "HashiCorp Vault, key-value engine version 2.",
            Key("url", TEXT, "The server.", required=True),
            Key("token", TEXT, "The token to authenticate with.", required=True),
            Key("mount", TEXT, "The engine's mount.", required=True),
            Key("prefix", TEXT, "What comes before a variable's name."),
        ),
        "azure_key_vault": _variant(
            "azure_key_vault",
            model.AzureKeyVaultVariables,
            "Azure Key Vault.",
            Key("vault_url", TEXT, "The vault.", required=True),
            Key("client_id", TEXT, "The client's id."),
            Key("client_secret", TEXT, "The client's secret."),
            Key("tenant_id", TEXT, "The tenant."),
            Key("authority_host", Text(AUTHORITY), "The cloud to authenticate at."),
        ),
    }
)

CLIENT_TLS = Record(
    "client_tls",
    (
        Key("component_ids", TEXTS, "The components it is for.", required=True),
        Key("hosts", TEXTS, "The hosts it is for.", required=True),
        Key("ca_use_platform_roots", BOOLEAN, "Whether the system's authorities are trusted."),
        Key("ca_use_webpki_roots", BOOLEAN, "Whether Mozilla's authorities are trusted."),
        Key("ca_roots_file", TEXT, "A PEM file of more authorities."),
        Key("client_cert_file", TEXT, "A PEM file with the client's certificate."),
        Key("client_private_key_file", TEXT, "A PEM file with the certificate's key."),
    ),
    model.ClientTls,
    "How some components speak TLS with some hosts.",
)

OUTBOUND_NETWORKING = Record(
    "outbound_networking",
    (
        Key(
            "block_networks",
            Array(Text(NETWORK)),
            "Networks nobody may connect to: CIDRs, or `private`.",
        ),
        Key("max_socket_connections", COUNT, "The most sockets at once."),
        Key("max_total_connections", COUNT, "The most connections at once."),
    ),
    model.OutboundNetworking,
)

OUTBOUND_HTTP = Record(
    "outbound_http",
    (
        Key("connection_pooling", BOOLEAN, "Whether connections are used again."),
        Key("max_connections", COUNT, "The most connections at once."),
        Key(
            "max_concurrent_requests",
            COUNT,
            "The most requests at once.",
            deprecated="`max_connections`",
        ),
    ),
    model.OutboundHttp,
)

_MAX_CONNECTIONS = Key("max_connections", COUNT, "The most connections at once.")
LIMITS = Record("limits", (_MAX_CONNECTIONS,), model.Limits)
MQTT = Record(
    "outbound_mqtt",
    (_MAX_CONNECTIONS, Key("max_payload_size_bytes", COUNT, "The largest message.")),
    model.Limits,
)

_PROVIDERS = Array(VARIABLES_PROVIDER)

RUNTIME_CONFIG = Record(
    "runtime configuration",
    (
        Key("state_dir", TEXT, "Where databases and logs go; empty for nowhere."),
        Key("log_dir", TEXT, "Where guests' output goes; empty for nowhere."),
        Key("max_instance_memory", COUNT, "The most memory of one instance, in bytes."),
        Key(
            "key_value_store",
            Map(KEY_VALUE_STORE),
            "Key-value stores by label.",
            field="key_value_stores",
        ),
        Key(
            "sqlite_database",
            Map(SQLITE_DATABASE),
            "SQLite databases by label.",
            field="sqlite_databases",
        ),
        Key("llm_compute", LLM_COMPUTE, "Where language models run."),
        Key(
            "variables_provider",
            _PROVIDERS,
            "Where values of variables come from, asked in this order.",
            field="variables_providers",
        ),
        Key(
            "config_provider",
            _PROVIDERS,
            "Where values of variables come from.",
            deprecated="`variables_provider`",
            renamed="variables_provider",
            field="variables_providers",
        ),
        Key("client_tls", Array(CLIENT_TLS), "TLS of outbound connections."),
        Key("outbound_networking", OUTBOUND_NETWORKING, "Limits of outbound connections."),
        Key("outbound_http", OUTBOUND_HTTP, "Outbound HTTP."),
        Key("outbound_pg", LIMITS, "Outbound PostgreSQL."),
        Key("outbound_mysql", LIMITS, "Outbound MySQL."),
        Key("outbound_redis", LIMITS, "Outbound Redis."),
        Key("outbound_mqtt", MQTT, "Outbound MQTT."),
    ),
    model.RuntimeConfig,
    "What an application runs on.",
)

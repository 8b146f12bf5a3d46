"""`runtime-config.toml`: what an application runs on, as opposed to what it is.

config, diagnostics = read_runtime_config(path, text)
"""

from spindle.runtime_config.model import (
    AUTHORITIES,
    AwsDynamoStore,
    AzureCosmosStore,
    AzureKeyVaultVariables,
    ClientTls,
    EnvironmentVariables,
    KeyValueStore,
    LibSqlDatabase,
    Limits,
    LlmCompute,
    LocalDatabase,
    LocalStore,
    OutboundHttp,
    OutboundNetworking,
    RedisStore,
    RemoteLlm,
    RuntimeConfig,
    SqliteDatabase,
    StaticVariables,
    VariablesProvider,
    VaultVariables,
)
from spindle.runtime_config.reading import load_runtime_config, read_runtime_config
from spindle.runtime_config.schema import RUNTIME_CONFIG
from spindle.runtime_config.summary import summary_of

__all__ = [
    "AUTHORITIES",
    "RUNTIME_CONFIG",
    "AwsDynamoStore",
    "AzureCosmosStore",
    "AzureKeyVaultVariables",
    "ClientTls",
    "EnvironmentVariables",
    "KeyValueStore",
    "LibSqlDatabase",
    "Limits",
    "LlmCompute",
    "LocalDatabase",
    "LocalStore",
    "OutboundHttp",
    "OutboundNetworking",
    "RedisStore",
    "RemoteLlm",
    "RuntimeConfig",
    "SqliteDatabase",
    "StaticVariables",
    "VariablesProvider",
    "VaultVariables",
    "load_runtime_config",
    "read_runtime_config",
    "summary_of",
]

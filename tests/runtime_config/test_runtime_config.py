"""Runtime configuration files: all keys, and every mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from spindle.runtime_config import (
    AwsDynamoStore,
    LibSqlDatabase,
    LocalDatabase,
    LocalStore,
    RedisStore,
    RemoteLlm,
    load_runtime_config,
    read_runtime_config,
    summary_of,
)
from spindle.variables import StaticProvider

PATH = Path("/etc/app/runtime-config.toml")

EVERYTHING = """
state_dir = "state"
log_dir = ""
max_instance_memory = 1048576

[key_value_store.default]
type = "spin"
path = "kv.db"

[key_value_store.memory]
type = "spin"

[key_value_store.cache]
type = "redis"
url = "redis://secret@localhost"

[key_value_store.azure]
type = "azure_cosmos"
account = "a"
database = "d"
container = "c"

[key_value_store.aws]
type = "aws_dynamo"
region = "r"
table = "t"
consistent_read = true

[sqlite_database.default]
type = "spin"
path = "sql.db"
allow_attach_file = true

[sqlite_database.remote]
type = "libsql"
url = "https://example.com"
token = "secret"

[llm_compute]
type = "remote_http"
url = "https://example.com"
auth_token = "secret"
api_type = "open_ai"

[[variables_provider]]
type = "static"
values = { one = "secret" }

[[variables_provider]]
type = "env"
prefix = "APP"
dotenv_path = "app.env"

[[variables_provider]]
type = "vault"
url = "https://vault"
token = "secret"
mount = "m"

[[variables_provider]]
type = "azure_key_vault"
vault_url = "https://vault"

[[client_tls]]
component_ids = ["a"]
hosts = ["example.com"]
ca_use_webpki_roots = true

[outbound_networking]
block_networks = ["private", "1.1.1.1/32"]
max_socket_connections = 10

[outbound_http]
connection_pooling = true
max_connections = 5

[outbound_pg]
max_connections = 6

[outbound_mqtt]
max_payload_size_bytes = 100
"""


def test_everything_is_read() -> None:
    config, diagnostics = read_runtime_config(PATH, EVERYTHING)
    assert diagnostics == ()
    assert (config.state_dir, config.log_dir, config.max_instance_memory) == ("state", "", 1048576)
    stores = config.key_value_stores
    assert stores["default"] == LocalStore(path="kv.db")
    assert stores["cache"] == RedisStore(url="redis://secret@localhost")
    assert stores["aws"] == AwsDynamoStore(region="r", table="t", consistent_read=True)
    assert config.sqlite_databases == {
        "default": LocalDatabase(path="sql.db", allow_attach_file=True),
        "remote": LibSqlDatabase(url="https://example.com", token="secret"),
    }
    assert isinstance(config.llm_compute, RemoteLlm)
    assert [p.type for p in config.variables_providers] == [
        "static",
        "env",
        "vault",
        "azure_key_vault",
    ]
    assert config.outbound_networking.block_networks == ("private", "1.1.1.1/32")
    assert config.outbound_pg.max_connections == 6
    assert config.outbound_redis.max_connections is None
    assert "secret" not in repr(config)


def test_paths_of_stores_are_relative_to_the_file() -> None:
    config, _ = read_runtime_config(PATH, EVERYTHING)
    default, memory = config.key_value_stores["default"], config.key_value_stores["memory"]
    assert isinstance(default, LocalStore)
    assert isinstance(memory, LocalStore)
    assert config.store_path(default) == Path("/etc/app/kv.db")
    assert config.store_path(memory) is None


def test_paths_of_databases_are_relative_to_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config, _ = read_runtime_config(PATH, EVERYTHING)
    database = config.sqlite_databases["default"]
    assert isinstance(database, LocalDatabase)
    assert config.database_path(database) == tmp_path / "sql.db"


def test_providers_that_need_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_TWO", "2")
    config, _ = read_runtime_config(PATH, EVERYTHING)
    static, env = config.local_providers()
    assert static == StaticProvider({"one": "secret"})
    assert (env.get("two"), env.get("three")) == ("2", None)


def test_what_an_application_runs_on_is_said_in_a_line() -> None:
    text = """
        [key_value_store.cache]
        type = "redis"
        url = "redis://secret@localhost"
        [sqlite_database.default]
        type = "spin"
        [outbound_networking]
        max_total_connections = 5
        [outbound_http]
        max_concurrent_requests = 3
        [outbound_pg]
        max_connections = 2
    """
    config, _ = read_runtime_config(PATH, text)
    assert summary_of(config, "rc.toml") == (
        "Using runtime config [key_value_store.cache: redis], [sqlite_database.default: spin], "
        "[outbound_networking: max_total_connections=5], [outbound_pg: max_connections=2], "
        "[outbound_http: max_concurrent_requests=3 (deprecated, use max_connections)] "
        'from "rc.toml"'
    )
    assert summary_of(read_runtime_config(PATH, "log_dir = ''")[0], "rc.toml") is None


def test_no_file_is_no_configuration() -> None:
    config, diagnostics = load_runtime_config(None)
    assert diagnostics == ()
    assert config.outbound_http.connection_pooling


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    _, (problem,) = load_runtime_config(tmp_path / "no.toml")
    assert problem.code == "runtime-config-not-found"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nonsense = 1\nother = 2\n", ["unknown-field 0:0", "unknown-field 1:0"]),
        ("state_dir = 1\n", ["wrong-type 0:12"]),
        ("max_instance_memory = -1\n", ["invalid-value 0:22"]),
        ("[key_value_store.x]\ntype = 'rediss'\n", ["unknown-type 1:7"]),
        ("[key_value_store.x]\nurl = 'redis://x'\n", ["missing-field 0:0"]),
        ("[key_value_store.x]\ntype = 'redis'\n", ["missing-field 0:0"]),
        ("[sqlite_database.x]\ntype = 'spin'\npth = 'x'\n", ["unknown-field 2:0"]),
        ("[[variables_provider]]\ntype = 'static'\nvalues = { a = 1 }\n", ["wrong-type 2:15"]),
        (
            "[outbound_http]\nconnection_pooling = true\nmax_concurrent_requests = 1\n",
            ["deprecated-key 2:0"],
        ),
        (
            "[[client_tls]]\ncomponent_ids = []\nhosts = []\n",
            ["invalid-value 1:0", "invalid-value 2:0"],
        ),
        (
            "[[client_tls]]\ncomponent_ids = ['a']\nhosts = ['b']\nca_use_webpki_roots = false\n",
            ["invalid-value 3:0"],
        ),
        (
            "[[client_tls]]\ncomponent_ids = ['a']\nhosts = ['b']\nca_use_webpki_roots = false\n"
            "ca_roots_file = 'c'\n",
            [],
        ),
        (
            "[outbound_http]\nconnection_pooling = true\nmax_connections = 1\n"
            "max_concurrent_requests = 1\n",
            ["deprecated-key 3:0", "invalid-value 3:0"],
        ),
        (
            "[[variables_provider]]\ntype = 'azure_key_vault'\nvault_url = 'x'\nclient_id = 'y'\n"
            "authority_host = 'AzureMoon'\n",
            ["invalid-value 3:0", "invalid-value 4:17"],
        ),
        ("= 1\n", ["toml-syntax 0:0"]),
    ],
)
def test_mistakes_are_told_at_their_places(text: str, expected: list[str]) -> None:
    _, diagnostics = read_runtime_config(PATH, text)
    shown = [
        f"{d.code} {d.span.start.line}:{d.span.start.character}" for d in diagnostics if d.span
    ]
    assert shown == expected

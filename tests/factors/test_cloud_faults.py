"""Stores in clouds that are not there, or do not let us in."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.services.cloud import CosmosDb, DynamoDb
from tests.services.process import free_port

from spindle.factors.key_value import KeyValueError, backends_of, cosmos_store
from spindle.factors.key_value import cloud as cloud_module
from spindle.runtime_config import read_runtime_config

DYNAMO = 'type = "aws_dynamo"\nregion = "us-east-1"\ntable = "missing"\n'
KEYS = 'access_key = "a"\nsecret_key = "s"\n'
COSMOS = 'type = "azure_cosmos"\naccount = "me"\ndatabase = "missing"\ncontainer = "none"\n'


def told_by(text: str) -> tuple[KeyValueError, list[str]]:
    """The error that a guest gets of a store, and what people are told."""
    config, found = read_runtime_config(Path("rc.toml"), f"[key_value_store.default]\n{text}")
    assert found == ()
    troubles: list[str] = []

    async def ask() -> KeyValueError:
        backends = backends_of(config, None, lambda _label, trouble: troubles.append(trouble))
        try:
            store = await backends["default"].open("default")
            with pytest.raises(KeyValueError) as raised:
                await store.get("a")
            return raised.value
        finally:
            await backends["default"].close()

    return asyncio.run(ask()), troubles


def test_a_table_that_is_missing(dynamo_server: DynamoDb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamo_server.url)
    error, troubles = told_by(DYNAMO + KEYS)
    assert "ResourceNotFoundException" in str(error)
    assert troubles == [f"AWS DynamoDB region: us-east-1, table: missing: {error}"]


def test_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", nowhere)
    error, troubles = told_by(DYNAMO + KEYS)
    assert "the service can't be reached" in str(error)
    assert len(troubles) == 1
    monkeypatch.setattr(cosmos_store, "ENDPOINT", nowhere)
    error, troubles = told_by(COSMOS + 'key = "c2VjcmV0"\n')
    assert "127.0.0.1" in str(error)
    assert len(troubles) == 1


def test_nobody_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AZURE_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    error, troubles = told_by(DYNAMO)
    assert "aws configure export-credentials" in str(error)
    assert len(troubles) == 1
    error, troubles = told_by(COSMOS)
    assert "install `az` and log in" in str(error)
    assert len(troubles) == 1


def test_a_container_that_is_missing(
    cosmos_server: CosmosDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud_module, "FIRST_PAUSE", 0)
    monkeypatch.setattr(cosmos_store, "ENDPOINT", cosmos_server.url)
    error, troubles = told_by(COSMOS + 'key = "c2VjcmV0"\n')
    assert str(error).startswith("status ")
    assert len(troubles) == 1


def test_who_is_no_cosmos_db(dynamo_server: DynamoDb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosmos_store, "ENDPOINT", dynamo_server.url)
    error, _ = told_by(COSMOS + 'key = "c2VjcmV0"\n')
    assert error.case == "other"

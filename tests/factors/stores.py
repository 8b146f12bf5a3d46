"""Every kind of key-value store there is, as runtime configurations make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.services.cloud import CosmosDb, DynamoDb
from tests.services.redis import Redis

from spindle.factors.key_value import cosmos_store

KINDS = ("memory", "file", "redis", "aws_dynamo", "azure_cosmos")


@contextmanager
def configured(
    kind: str, directory: Path, request: pytest.FixtureRequest, label: str = "default"
) -> Iterator[str]:
    """The text of a configuration by which a label is such a store, of its own and empty."""
    with pytest.MonkeyPatch.context() as patch:
        lines = WAYS[kind](directory, request, patch)
        yield "\n".join([f"[key_value_store.{label}]", *lines, ""])


def _memory(*_given: object) -> list[str]:
    return ['type = "spin"']


def _file(directory: Path, *_given: object) -> list[str]:
    return ['type = "spin"', f'path = "{directory / "store.db"}"']


def _redis(
    directory: Path, request: pytest.FixtureRequest, _patch: pytest.MonkeyPatch
) -> list[str]:
    server: Redis = request.getfixturevalue("redis_server")
    return ['type = "redis"', f'url = "{server.url}/{_number(directory) % 15 + 1}"']


def _dynamo(
    directory: Path, request: pytest.FixtureRequest, patch: pytest.MonkeyPatch
) -> list[str]:
    server: DynamoDb = request.getfixturevalue("dynamo_server")
    patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url)
    table = f"table-{_number(directory)}"
    server.make_table(table)
    keys = ['access_key = "a"', 'secret_key = "s"', "consistent_read = true"]
    return ['type = "aws_dynamo"', 'region = "us-east-1"', f'table = "{table}"', *keys]


def _cosmos(
    directory: Path, request: pytest.FixtureRequest, patch: pytest.MonkeyPatch
) -> list[str]:
    server: CosmosDb = request.getfixturevalue("cosmos_server")
    patch.setattr(cosmos_store, "ENDPOINT", server.url)
    number = _number(directory)
    server.make_container(f"database-{number}", "stores")
    where = [f'database = "database-{number}"', 'container = "stores"']
    return ['type = "azure_cosmos"', 'account = "me"', 'key = "c2VjcmV0"', *where]


_numbers: dict[Path, int] = {}


def _number(directory: Path) -> int:
    """A number for each directory, so that what is made for it can be told apart."""
    return _numbers.setdefault(directory, len(_numbers) + 1)


Way = Callable[[Path, pytest.FixtureRequest, pytest.MonkeyPatch], list[str]]
WAYS: dict[str, Way] = {
    "memory": _memory,
    "file": _file,
    "redis": _redis,
    "aws_dynamo": _dynamo,
    "azure_cosmos": _cosmos,
}

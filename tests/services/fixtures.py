"""Fixtures that start real servers.

`redis_server` and its like are shared by a test process's tests, which must tolerate what others
left there: name keys and tables for the test. A test that stops a server, or needs one empty, has
its own: `own_server(Redis)`, from one of this folder's classes, which lives as long as the test.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.services.cloud import CosmosDb, DynamoDb
from tests.services.mariadb import MariaDb
from tests.services.mosquitto import Mosquitto
from tests.services.postgres import Postgres
from tests.services.process import S, running
from tests.services.redis import Redis


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    with running(Redis) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with running(Postgres) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDb]:
    with running(MariaDb) as server:
        yield server


@pytest.fixture(scope="session")
def mosquitto_server() -> Iterator[Mosquitto]:
    with running(Mosquitto) as server:
        yield server


@pytest.fixture(scope="session")
def dynamo_server() -> Iterator[DynamoDb]:
    with running(DynamoDb) as server:
        yield server


@pytest.fixture(scope="session")
def cosmos_server() -> Iterator[CosmosDb]:
    with running(CosmosDb) as server:
        yield server


@pytest.fixture
def own_server() -> Iterator[Callable[[type[S]], S]]:
    """Call it with a class of server to have one until the test ends."""
    with ExitStack() as stack:

        def start(kind: type[S]) -> S:
            return stack.enter_context(running(kind))

        yield start

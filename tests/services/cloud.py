"""Faithful stand-ins for services that only clouds have, from npm."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.services.process import Server
from tests.services.programs import DEMANDED

PACKAGES = Path(__file__).with_name("package.json")


class Cloud(Server):
    """A service that speaks JSON over HTTP."""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def post(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> None:
        """Ask it for something, such as a place for data."""
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(request) as response:
            response.read()


class DynamoDb(Cloud):
    """DynamoDB without tables at first; it takes anybody's signature."""

    def command(self) -> list[str]:
        settings = ["--host", self.host, "--port", str(self.port), "--createTableMs", "0"]
        return [*_script("dynalite/cli.js"), *settings]

    def make_table(self, name: str) -> None:
        """A table as Spin's documentation says to make it."""
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": "DynamoDB_20120810.CreateTable",
            "x-amz-date": "20260101T000000Z",
            "authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/"
            "aws4_request, SignedHeaders=host, Signature=0",
        }
        table = {
            "TableName": name,
            "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
        self.post("/", headers, table)


class CosmosDb(Cloud):
    """Cosmos DB without databases at first; it takes anybody's signature."""

    def command(self) -> list[str]:
        settings = ["--no-ssl", "--host", self.host, "-p", str(self.port)]
        return [*_script("@vercel/cosmosdb-server/lib/cli.js"), *settings]

    def make_container(self, database: str, name: str) -> None:
        """A container as Spin's documentation says to make it."""
        kind = {"content-type": "application/json"}
        self.post("/dbs", kind, {"id": database})
        paths = {"paths": ["/id"], "kind": "Hash"}
        self.post(f"/dbs/{database}/colls", kind, {"id": name, "partitionKey": paths})


@cache
def _script(path: str) -> list[str]:
    """The command that runs a program of npm's packages, installed once for each list of them."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        message = "no `node` and `npm` on the PATH (Debian's packages `nodejs` and `npm`)"
        if os.environ.get(DEMANDED):
            pytest.fail(message)
        pytest.skip(message)
    version = hashlib.sha256(PACKAGES.read_bytes()).hexdigest()[:12]
    place = Path(tempfile.gettempdir()) / f"spindle-tests-npm-{version}"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "node_modules" / ".package-lock.json").exists():
            shutil.copy(PACKAGES, place)
            command = [npm, "install", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=place, capture_output=True, check=True)
    return [node, str(place / "node_modules" / path)]

"""Key-value stores in a table of AWS DynamoDB, with Spin's layout.

An item's `PK` is the key, `VAL` the value's bytes, `VER` counts swaps. All labels that name one
table share it.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from typing import Any

from spindle.factors.key_value.aws import Credentials, environment_credentials, signed_headers
from spindle.factors.key_value.cloud import Cloud, Reply, Unreachable
from spindle.factors.key_value.store import (
    KeyValueError,
    OnTrouble,
    Page,
    as_number,
    bounded,
    bounded_pairs,
    checked_sum,
)
from spindle.runtime_config import AwsDynamoStore

Item = dict[str, Any]

_BUSY = ("ProvisionedThroughputExceeded", "ThrottlingException", "RequestLimitExceeded")
_CHANGED = "ConditionalCheckFailedException"
_OF_THE_REQUEST = (_CHANGED, "ValidationException")
"""Errors that say nothing about the table and who may use it."""
_MOST_READ, _MOST_WRITTEN = 100, 25
"""Items in one batch."""


class DynamoError(KeyValueError):
    """DynamoDB refused; `kind` is its name for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__("other", f"{kind}: {message}" if message else kind)
        self.kind = kind


class DynamoStores:
    """All stores of one table."""

    def __init__(
        self, config: AwsDynamoStore, on_trouble: OnTrouble = lambda _trouble: None
    ) -> None:
        self.table = config.table
        self.consistent = config.consistent_read
        self._region = config.region
        self._endpoint = _endpoint(config.region)
        self._given: Credentials | None = None
        if config.access_key is not None and config.secret_key is not None:
            self._given = Credentials(config.access_key, config.secret_key, config.token)
        self._on_trouble = on_trouble
        self._cloud = Cloud()

    @property
    def summary(self) -> str:
        """The region and the table."""
        return f"AWS DynamoDB region: {self._region}, table: {self.table}"

    async def open(self, label: str) -> DynamoStore:
        """The store of a label."""
        return DynamoStore(self, label)

    async def close(self) -> None:
        """Close the connections."""
        await self._cloud.close()

    async def call(self, action: str, **params: Any) -> Item:
        """What an action of DynamoDB answers; raises `KeyValueError`."""
        try:
            return await self._call(action, params)
        except DynamoError as error:
            if error.kind not in _OF_THE_REQUEST:
                self._on_trouble(f"{self.summary}: {error}")
            raise

    async def _call(self, action: str, params: Item) -> Item:
        credentials = self._given or environment_credentials()
        if credentials is None:
            raise DynamoError(
                "there are no credentials",
                "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, for instance by"
                " `aws configure export-credentials --format env`",
            )
        body = json.dumps(params).encode()
        named = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"DynamoDB_20120810.{action}",
        }

        def headers() -> dict[str, str]:
            return signed_headers(
                credentials, "dynamodb", self._region, self._endpoint, named, body
            )

        try:
            reply = await self._cloud.ask("POST", self._endpoint, headers, body, _is_busy)
        except Unreachable as error:
            raise DynamoError("the service can't be reached", str(error)) from error
        if reply.status != 200 or not isinstance(reply.body, dict):
            raise DynamoError(*_refusal(reply))
        return reply.body


class DynamoStore:
    """One store."""

    def __init__(self, stores: DynamoStores, label: str) -> None:
        self._stores = stores
        self._call = stores.call
        self._table = stores.table
        self.label = label

    async def get(self, key: str) -> bytes | None:
        """A key's value."""
        return bounded(_value(await self._item(key, "VAL", consistent=self._stores.consistent)))

    async def set(self, key: str, value: bytes) -> None:
        """Set a key's value."""
        await self._call("PutItem", TableName=self._table, Item=_pair(key, value))

    async def delete(self, key: str) -> None:
        """Remove a key."""
        await self._call("DeleteItem", TableName=self._table, Key=_key(key))

    async def exists(self, key: str) -> bool:
        """Whether a key is there."""
        return "PK" in await self._item(key, "PK", consistent=self._stores.consistent)

    async def page(self, prefix: str = "", cursor: str | None = None) -> Page:
        """Keys with a prefix, in no order; a cursor is the last one looked at before."""
        scan: Item = {"TableName": self._table, "ProjectionExpression": "PK"}
        if prefix:
            scan["FilterExpression"] = "begins_with(PK, :prefix)"
            scan["ExpressionAttributeValues"] = {":prefix": {"S": prefix}}
        if cursor is not None:
            scan["ExclusiveStartKey"] = _key(cursor)
        reply = await self._call("Scan", **scan)
        last = reply.get("LastEvaluatedKey")
        keys = [item["PK"]["S"] for item in reply.get("Items", ())]
        return Page(keys, None if last is None else last["PK"]["S"])

    async def get_many(self, keys: Sequence[str]) -> list[tuple[str, bytes | None]]:
        """Those of the keys that have a value, with it."""
        found: list[tuple[str, bytes | None]] = []
        for some in _parts(list(dict.fromkeys(keys)), _MOST_READ):
            wanted: Item | None = {
                self._table: {
                    "Keys": [_key(key) for key in some],
                    "ProjectionExpression": "PK,VAL",
                    "ConsistentRead": self._stores.consistent,
                }
            }
            while wanted:
                reply = await self._call("BatchGetItem", RequestItems=wanted)
                items = reply["Responses"].get(self._table, ())
                found += ((item["PK"]["S"], _value(item)) for item in items)
                bounded_pairs(found)
                wanted = reply.get("UnprocessedKeys")
        return found

    async def set_many(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Set several, not at once."""
        await self._write([{"PutRequest": {"Item": _pair(*item)}} for item in dict(items).items()])

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Remove several, not at once."""
        await self._write([{"DeleteRequest": {"Key": _key(key)}} for key in dict.fromkeys(keys)])

    async def increment(self, key: str, delta: int) -> int:
        """Add to a number, kept as text; tried again when somebody else was quicker."""
        while True:
            item = await self._item(key, "VAL", consistent=True)
            new = checked_sum(as_number(_value(item), text=True), delta)
            condition, names, values = "attribute_not_exists(#VAL)", {"#VAL": "VAL"}, {}
            if "VAL" in item:
                condition, values = "#VAL = :old", {":old": item["VAL"]}
            try:
                await self._call(
                    "UpdateItem",
                    TableName=self._table,
                    Key=_key(key),
                    UpdateExpression="SET #VAL = :new",
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues={":new": _binary(b"%d" % new), **values},
                )
            except DynamoError as error:
                if error.kind != _CHANGED:
                    raise
            else:
                return new

    async def current(self, key: str) -> tuple[bytes | None, Any]:
        """A key's value, and the item with its version."""
        item = await self._item(key, "VAL,VER", consistent=True)
        return bounded(_value(item)), item

    async def swap(self, key: str, seen: Any, value: bytes) -> bool:
        """Set a value and count that, unless the item has changed since it was seen."""
        condition, values = "attribute_not_exists(#VAL)", {}
        if "VER" in seen:
            condition, values = "#VER = :seen", {":seen": seen["VER"]}
        elif "VAL" in seen:
            condition, values = "#VAL = :seen", {":seen": seen["VAL"]}
        try:
            await self._call(
                "UpdateItem",
                TableName=self._table,
                Key=_key(key),
                UpdateExpression="SET #VAL = :value ADD #VER :one",
                ConditionExpression=condition,
                ExpressionAttributeNames={
                    "#VAL": "VAL",
                    "#VER": "VER",
                },
                ExpressionAttributeValues={
                    ":value": _binary(value),
                    ":one": {"N": "1"},
                    **values,
                },
            )
        except DynamoError as error:
            if error.kind != _CHANGED:
                raise
            return False
        return True

    async def _item(self, key: str, attributes: str, *, consistent: bool) -> Item:
        reply = await self._call(
            "GetItem",
            TableName=self._table,
            Key=_key(key),
            ProjectionExpression=attributes,
            ConsistentRead=consistent,
        )
        item: Item = reply.get("Item", {})
        return item

    async def _write(self, requests: list[Item]) -> None:
        for some in _parts(requests, _MOST_WRITTEN):
            left: Item | None = {self._table: some}
            while left:
                reply = await self._call("BatchWriteItem", RequestItems=left)
                left = reply.get("UnprocessedItems")


def _endpoint(region: str) -> str:
    """Where DynamoDB is; AWS's own variables can say otherwise."""
    for name in ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"):
        if given := os.environ.get(name):
            return given.rstrip("/") + "/"
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://dynamodb.{region}.{domain}/"


def _refusal(reply: Reply) -> tuple[str, str]:
    """The kind of an error, and what is said of it."""
    body = reply.body if isinstance(reply.body, dict) else {}
    kind = str(body.get("__type", f"status {reply.status}")).rpartition("#")[2]
    return kind, str(body.get("message") or body.get("Message") or "")


def _is_busy(reply: Reply) -> bool:
    return reply.status == 400 and _refusal(reply)[0].startswith(_BUSY)


def _key(key: str) -> Item:
    return {"PK": {"S": key}}


def _pair(key: str, value: bytes) -> Item:
    return {**_key(key), "VAL": _binary(value)}


def _binary(value: bytes) -> Item:
    return {"B": base64.b64encode(value).decode()}


def _value(item: Item) -> bytes | None:
    encoded = item.get("VAL", {}).get("B")
    return None if encoded is None else base64.b64decode(encoded)


def _parts(items: list[Any], size: int) -> Iterator[list[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))

"""Key-value stores in a container of Azure Cosmos DB, with Spin's layout.

A document's `id` is the key and its partition, `value` an array of the value's bytes, or the
number that `increment` keeps. All labels that name one container share it.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

from spindle.errors import UserError
from spindle.factors.key_value.azure import AzureError, AzureTokens
from spindle.factors.key_value.cloud import Cloud, Reply, Unreachable
from spindle.factors.key_value.store import (
    KeyValueError,
    OnTrouble,
    Page,
    bounded,
    bounded_pairs,
)
from spindle.runtime_config import AzureCosmosStore

ENDPOINT = "https://{account}.documents.azure.com"
_ILLEGAL = "/\\?#"
_NOT_FOUND, _CONFLICT, _CHANGED, _TOO_MANY = 404, 409, 412, 429
_UPSERT = {"x-ms-documentdb-is-upsert": "True"}
_QUERY = {
    "content-type": "application/query+json",
    "x-ms-documentdb-isquery": "True",
    "x-ms-documentdb-query-enablecrosspartition": "True",
    "x-ms-max-item-count": "1000",
}


class CosmosError(KeyValueError):
    """Cosmos DB refused, with an HTTP status; 0 if it did not answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__("other", message)
        self.status = status


class CosmosStores:
    """All stores of one container."""

    def __init__(
        self,
        config: AzureCosmosStore,
        on_trouble: OnTrouble = lambda _trouble: None,
    ) -> None:
        self._config = config
        self._endpoint = ENDPOINT.format(account=config.account)
        self._collection = f"dbs/{config.database}/colls/{config.container}"
        self._key = None if config.key is None else _decoded(config.key)
        self._tokens = AzureTokens(self._endpoint)
        self._on_trouble = on_trouble
        self._cloud = Cloud()

    @property
    def summary(self) -> str:
        """The database and the container."""
        config = self._config
        return f"Azure CosmosDB database: {config.database}, collection: {config.container}"

    async def open(self, label: str) -> CosmosStore:
        """The store of a label."""
        return CosmosStore(self, label)

    async def close(self) -> None:
        """Close the connections."""
        await self._cloud.close()

    async def call(
        self,
        method: str,
        document: str | None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        expected: tuple[int, ...] = (),
    ) -> Reply:
        """The reply about a document, or about all; raises `CosmosError` unless it is expected."""
        try:
            reply = await self._call(method, document, body, headers or {})
        except (Unreachable, AzureError) as error:
            self._on_trouble(f"{self.summary}: {error}")
            raise CosmosError(0, str(error)) from error
        if reply.status < 300 or reply.status in expected:
            return reply
        said = reply.body.get("message", "") if isinstance(reply.body, dict) else ""
        refusal = CosmosError(reply.status, f"status {reply.status}: {said}".removesuffix(": "))
        if reply.status != 400:
            self._on_trouble(f"{self.summary}: {refusal}")
        raise refusal

    async def _call(
        self, method: str, document: str | None, body: object, headers: Mapping[str, str]
    ) -> Reply:
        link, path = self._collection, f"{quote(self._collection)}/docs"
        named = dict(headers)
        if document is not None:
            link, path = f"{link}/docs/{document}", f"{path}/{quote(document, safe='')}"
            named["x-ms-documentdb-partitionkey"] = json.dumps([document])
        token = None if self._key is not None else await self._tokens.token()

        def signed() -> dict[str, str]:
            date = formatdate(usegmt=True)
            proof = f"type=aad&ver=1.0&sig={token}"
            if self._key is not None:
                proof = proof_of(self._key, method, "docs", link, date)
            return {
                "content-type": "application/json",
                **named,
                "authorization": quote(proof, safe=""),
                "x-ms-date": date,
                "x-ms-version": "2020-07-15",
            }

        data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        url = f"{self._endpoint}/{path}"
        return await self._cloud.ask(method, url, signed, data, _is_busy)


class CosmosStore:
    """One store."""

    def __init__(self, stores: CosmosStores, label: str) -> None:
        self._call = stores.call
        self.label = label

    async def get(self, key: str) -> bytes | None:
        """A key's value."""
        return (await self.current(key))[0]

    async def set(self, key: str, value: bytes) -> None:
        """Set a key's value."""
        _refuse_illegal(key)
        await self._create(key, list(value), _UPSERT)

    async def delete(self, key: str) -> None:
        """Remove a key."""
        if not _is_illegal(key):
            await self._call("DELETE", key, expected=(_NOT_FOUND,))

    async def exists(self, key: str) -> bool:
        """Whether a key has a value."""
        return bool((await self._query("SELECT c.id FROM c WHERE c.id = @key", {"@key": key}))[0])

    async def page(self, prefix: str = "", cursor: str | None = None) -> Page:
        """Keys with a prefix, in no order; a cursor is the service's own."""
        query, given = "SELECT c.id FROM c", {}
        if prefix:
            query, given = f"{query} WHERE STARTSWITH(c.id, @prefix)", {"@prefix": prefix}
        documents, more = await self._query(query, given, cursor)
        return Page([document["id"] for document in documents], more)

    async def get_many(self, keys: Sequence[str]) -> list[tuple[str, bytes | None]]:
        """Those of the keys that have a value, with it."""
        given = {f"@key{number}": key for number, key in enumerate(dict.fromkeys(keys))}
        query = f"SELECT * FROM c WHERE c.id IN ({', '.join(given)})"
        documents, more = await self._query(query, given)
        while more is not None:
            others, more = await self._query(query, given, more)
            documents += others
        return bounded_pairs([(document["id"], _value(document)) for document in documents])

    async def set_many(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Set one after the other."""
        for key, value in items:
            await self.set(key, value)

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Remove one after the other."""
        for key in keys:
            await self.delete(key)

    async def increment(self, key: str, delta: int) -> int:
        """Add to a number that was made by this, too."""
        _refuse_illegal(key)
        operations = [{"op": "incr", "path": "/value", "value": delta}]
        while True:
            change = {"operations": operations}
            reply = await self._call("PATCH", key, change, expected=(_NOT_FOUND,))
            if reply.status != _NOT_FOUND:
                return int(_field(reply, "value"))
            reply = await self._create(key, delta, {}, expected=(_CONFLICT,))
            if reply.status != _CONFLICT:
                return delta

    async def current(self, key: str) -> tuple[bytes | None, Any]:
        """A key's value, and its document's tag."""
        found, _ = await self._query("SELECT * FROM c WHERE c.id = @key", {"@key": key})
        if not found:
            return None, None
        return bounded(_value(found[0])), found[0].get("_etag")

    async def swap(self, key: str, seen: Any, value: bytes) -> bool:
        """Set a value unless the document has changed since it was seen."""
        _refuse_illegal(key)
        if seen is None:
            reply = await self._create(key, list(value), {}, expected=(_CONFLICT,))
            return reply.status != _CONFLICT
        document = {"id": key, "value": list(value)}
        reply = await self._call(
            "PUT", key, document, {"if-match": seen}, expected=(_CHANGED, _NOT_FOUND)
        )
        return reply.status not in (_CHANGED, _NOT_FOUND)

    async def _create(
        self, key: str, value: object, headers: Mapping[str, str], expected: tuple[int, ...] = ()
    ) -> Reply:
        """Make a document, which is asked of all of them but for its own partition."""
        partition = {"x-ms-documentdb-partitionkey": json.dumps([key]), **headers}
        document = {"id": key, "value": value}
        return await self._call("POST", None, document, partition, expected)

    async def _query(
        self, query: str, given: Mapping[str, str], cursor: str | None = None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Some documents, and where the next begin."""
        parameters = [{"name": name, "value": value} for name, value in given.items()]
        headers = _QUERY if cursor is None else {**_QUERY, "x-ms-continuation": cursor}
        asked = {"query": query, "parameters": parameters}
        reply = await self._call("POST", None, asked, headers)
        return _field(reply, "Documents"), reply.headers.get("x-ms-continuation") or None


def _decoded(key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except ValueError:
        raise UserError(
            "the `key` of an Azure Cosmos DB store is not valid",
            hints=("it is the account's primary or secondary key, in base64",),
        ) from None


def _field(reply: Reply, name: str) -> Any:
    if not isinstance(reply.body, dict) or name not in reply.body:
        raise CosmosError(0, "what answers is not Cosmos DB")
    return reply.body[name]


def proof_of(key: bytes, method: str, kind: str, link: str, date: str) -> str:
    """What shows that a request comes from one who has the key.

    Spec: "Access control on Azure Cosmos DB resources" of its REST reference.
    """
    text = f"{method.lower()}\n{kind}\n{link}\n{date.lower()}\n\n"
    signature = base64.b64encode(hmac.digest(key, text.encode(), "sha256")).decode()
    return f"type=master&ver=1.0&sig={signature}"


def _is_illegal(key: str) -> bool:
    return any(character in _ILLEGAL for character in key)


def _refuse_illegal(key: str) -> None:
    if _is_illegal(key):
        raise KeyValueError(
            "other", f"Key contains an illegal character. Keys must not include any of: {_ILLEGAL}"
        )


def _is_busy(reply: Reply) -> bool:
    return reply.status == _TOO_MANY


def _value(document: Mapping[str, Any]) -> bytes:
    try:
        return bytes(document["value"])
    except (KeyError, TypeError, ValueError):
        raise KeyValueError("other", "the value is not an array of bytes") from None

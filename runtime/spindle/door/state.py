"""The state an application keeps, as Python has it: stores as mappings, results as rows."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from spindle.client.answers import QueryResult

if TYPE_CHECKING:
    from spindle.door.app import App


class KeyValues(MutableMapping[str, bytes]):
    """A key-value store as a mapping of texts to bytes; texts may be set, as UTF-8.

    Each use asks the host, so what guests change shows at once.
    """

    def __init__(self, app: App, store: str = "default") -> None:
        self._app = app
        self.store = store
        """The store's label."""

    def __call__(self, store: str) -> KeyValues:
        """The store of another label."""
        return KeyValues(self._app, store)

    def keys_from(self, prefix: str) -> list[str]:
        """The keys that begin with a text."""
        return self._app._wait(self._app.aio.kv_keys(prefix, self.store))

    def __getitem__(self, key: str) -> bytes:
        value = self._app._wait(self._app.aio.kv_get(key, self.store))
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: str | bytes) -> None:
        self._app._wait(self._app.aio.kv_set(key, value, self.store))

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._app._wait(self._app.aio.kv_delete(key, self.store))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys_from(""))

    def __len__(self) -> int:
        return len(self.keys_from(""))

    def __repr__(self) -> str:
        return f"<KeyValues {self.store}>"


class Rows(list[tuple[Any, ...]]):
    """The rows of a statement."""

    def __init__(
        self, columns: tuple[str, ...], rows: list[tuple[Any, ...]], changes: int | None
    ) -> None:
        super().__init__(rows)
        self.columns = columns
        """The names of the columns."""
        self.changes = changes
        """How many rows the statement changed; None if it only reads."""

    @classmethod
    def of(cls, results: Sequence[QueryResult]) -> Rows:
        """The rows of the last of some statements."""
        if not results:
            return cls((), [], None)
        last = results[-1]
        return cls(tuple(last.columns), [tuple(row) for row in last.rows], last.changes)

    def dicts(self) -> list[dict[str, Any]]:
        """The rows as mappings from names of columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self]

"""Keys of a store as far as they were asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class KeyList:
    """The keys of a store that begin with a prefix, up to where somebody has looked.

    A store that isn't ordered may say a key twice; it is kept once.
    """

    store: str
    prefix: str = ""
    cursor: str | None = None
    """Where the next page begins."""
    complete: bool = False
    keys: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def add(self, keys: Iterable[str], cursor: str | None) -> list[str]:
        """Take in a page: the keys that are new."""
        new = [key for key in dict.fromkeys(keys) if key not in self._known]
        self.keys += new
        self._known.update(new)
        self.cursor, self.complete = cursor, cursor is None
        return new

    def remove(self, key: str) -> None:
        """A key is there no more."""
        if key in self._known:
            self._known.discard(key)
            self.keys.remove(key)

    def __contains__(self, key: str) -> bool:
        return key in self._known

    @property
    def summary(self) -> str:
        """How many there are, as far as one knows."""
        more = "" if self.complete else " or more"
        return f"{len(self.keys):,} {'key' if len(self.keys) == 1 else 'keys'}{more}"

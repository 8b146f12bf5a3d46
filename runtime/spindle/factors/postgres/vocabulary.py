"""Which values each version of the interface has."""

from __future__ import annotations

from typing import Any, NamedTuple

from spindle.factors.postgres.decoding import KINDS, OTHER, UNSUPPORTED, Kind

_NOTHING = Kind(UNSUPPORTED, lambda values: [None if value is None else True for value in values])
"""For versions whose `unsupported` has no payload."""


class Vocabulary(NamedTuple):
    """The cases of `db-value` a version has of those that types are told with."""

    labels: frozenset[str]
    tells_others: bool = False
    """Whether values of other types are told as bytes, and their types by name."""

    def kind(self, type: int) -> Kind:
        """How values of a type are told."""
        kind = KINDS.get(type, OTHER)
        if kind.label in self.labels:
            return kind
        return OTHER if self.tells_others else _NOTHING

    def data_type(self, type: int, name: str) -> Any:
        """The `db-data-type` of a type of that name."""
        label = self.kind(type).label
        if label != UNSUPPORTED:
            return label
        return ("other", name) if self.tells_others else "other"


_BASIC = frozenset(
    {"boolean", "int16", "int32", "int64", "floating32", "floating64", "str", "binary"}
)
VERSION_2 = Vocabulary(_BASIC)
"""Also the unversioned interface's."""
VERSION_3 = Vocabulary(_BASIC | {"date", "time", "datetime"})
VERSION_4 = Vocabulary(frozenset(kind.label for kind in KINDS.values()), tells_others=True)

"""Exchanges kept: a database of them, who fills it while a host serves, and what is masked.

The database is `exchanges.db` in `spindle` in an application's state directory.
"""

from typing import TYPE_CHECKING, Any

from spindle.history.keeping import Keeper
from spindle.history.masking import mask, masked_summary
from spindle.history.problems import AmbiguousId, OnTrouble, StoreError
from spindle.history.retention import Bounds
from spindle.history.store import Entry, Store

if TYPE_CHECKING:
    from spindle.history.exports import export_exchanges
    from spindle.history.imports import HttpText, import_requests, parse_http

__all__ = [
    "AmbiguousId",
    "Bounds",
    "Entry",
    "HttpText",
    "Keeper",
    "OnTrouble",
    "Store",
    "StoreError",
    "export_exchanges",
    "import_requests",
    "mask",
    "masked_summary",
    "parse_http",
]


def __getattr__(name: str) -> Any:
    # Other tools' texts are read and written when somebody asks for it.
    if name == "export_exchanges":
        from spindle.history.exports import export_exchanges

        return export_exchanges
    if name in ("HttpText", "import_requests", "parse_http"):
        from spindle.history import imports

        return getattr(imports, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Exchanges kept: a database of them, who writes it while a host serves, and what is masked."""

from typing import TYPE_CHECKING, Any

from spindle.history.keeping import Keeper
from spindle.history.masking import mask
from spindle.history.store import AmbiguousId, Bounds, Store, StoreError

if TYPE_CHECKING:
    from spindle.history.exports import export_exchanges
    from spindle.history.imports import import_requests

__all__ = [
    "AmbiguousId",
    "Bounds",
    "Keeper",
    "Store",
    "StoreError",
    "export_exchanges",
    "import_requests",
    "mask",
]


def __getattr__(name: str) -> Any:
    # Other tools' texts are read and written when somebody asks for it.
    if name == "export_exchanges":
        from spindle.history.exports import export_exchanges

        return export_exchanges
    if name == "import_requests":
        from spindle.history.imports import import_requests

        return import_requests
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

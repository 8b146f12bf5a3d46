"""Exchanges kept: a database of them, who writes it while a host serves, and what is masked."""

from spindle.history.keeping import Keeper
from spindle.history.masking import mask
from spindle.history.store import AmbiguousId, Bounds, Store, StoreError

__all__ = ["AmbiguousId", "Bounds", "Keeper", "Store", "StoreError", "mask"]

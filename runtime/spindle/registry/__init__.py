"""Wasm that comes from elsewhere: behind a URL, or in a registry of packages.

    app = fetched(app, Store(root))

gives the application with every source a file on this machine.
"""

from spindle.registry.fetching import fetch, fetch_image, fetched
from spindle.registry.store import Store

__all__ = ["Store", "fetch", "fetch_image", "fetched"]

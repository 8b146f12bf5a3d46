"""Has every component's wasm on this machine before it is run."""

from __future__ import annotations

from threading import Timer

from spindle.app import App
from spindle.component.cache_files import cache_root
from spindle.dev.console import Console
from spindle.dev.options import UpOptions

SLOW_SECONDS = 1.25
"""How long fetching may take before it is mentioned."""


def fetched_app(app: App, options: UpOptions, console: Console) -> App:
    """The application with every source a file; raises what prevents it."""
    if app.is_local:
        return app
    from spindle import registry  # here, for few applications fetch anything

    notice = "Loading Wasm components is taking a few seconds..."
    slow = Timer(SLOW_SECONDS, console.narrate, (notice,))
    slow.start()
    try:
        return registry.fetched(app, registry.Store(options.cache_dir or cache_root()))
    finally:
        slow.cancel()

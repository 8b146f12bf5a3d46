"""From a path to an application: `load_app` finds, reads, checks and resolves.

    app, diagnostics = load_app(path)

The application is None exactly when there are errors among the diagnostics.
"""

from spindle.loader.builder import dependency_source
from spindle.loader.freshness import forget_inputs
from spindle.loader.globs import GlobError, files_named, path_expression
from spindle.loader.loading import Loaded, Options, examine, load, load_app
from spindle.loader.locator import Located, locate, manifests_below

__all__ = [
    "GlobError",
    "Loaded",
    "Located",
    "Options",
    "dependency_source",
    "examine",
    "files_named",
    "forget_inputs",
    "load",
    "load_app",
    "locate",
    "manifests_below",
    "path_expression",
]

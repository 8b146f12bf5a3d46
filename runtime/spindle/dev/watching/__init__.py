"""Watching files: which ones matter to an application, and when what they say has changed.

watcher = Watcher(interests_of(manifest, root))
async for changes in watcher.changes():
    ...
"""

from spindle.dev.watching.changes import Changes, changed_since
from spindle.dev.watching.inputs import inferred_inputs
from spindle.dev.watching.interests import Interest, Kind, interests_of
from spindle.dev.watching.watcher import Watcher

__all__ = [
    "Changes",
    "Interest",
    "Kind",
    "Watcher",
    "changed_since",
    "inferred_inputs",
    "interests_of",
]

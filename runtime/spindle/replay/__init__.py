"""Replay: doing again what an exchange did, and telling what is different.

Everything here works on documents. What it runs them on (a *stage*) is given by the host.
"""

from spindle.replay.asking import Edit, NotReplayable, asked_of
from spindle.replay.comparison import Difference, differences
from spindle.replay.kept_builds import KeptBuild, KeptBuilds, NoSuchBuild
from spindle.replay.replays import Manner, Order, Replay

__all__ = [
    "Difference",
    "Edit",
    "KeptBuild",
    "KeptBuilds",
    "Manner",
    "NoSuchBuild",
    "NotReplayable",
    "Order",
    "Replay",
    "asked_of",
    "differences",
]

"""What a replay is to be like, and what came of it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from spindle.exchange import Json
from spindle.replay.asking import AS_IT_WAS, Edit
from spindle.replay.comparison import Difference

State = Literal["fork", "live"]
"""Whether stores and databases are copies, or those that the application has."""
Answers = Literal["live", "recorded"]
"""Whether the host answers guests as it does, or as it did."""


class Manner(NamedTuple):
    """How exchanges are replayed."""

    state: State = "fork"
    hosts: Answers = "live"
    against: str | None = None
    """The build of each exchange's component: the beginning of an id, `previous`, or a path."""
    allow_truncated: bool = False
    ignored: tuple[str, ...] = ()
    """Patterns of the places of differences that do not count."""
    trace: bool = False
    """Whether all that guests call is on the new exchanges' traces."""


class Replay(NamedTuple):
    """An exchange that happened again."""

    exchange: Json
    """The new one, as a document; its `replay_of` is the id of the old one."""
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    """What should be known to judge it: values put into the fork, calls that were refused, …"""


class Order(NamedTuple):
    """One exchange that is to be replayed."""

    document: Json
    edit: Edit = AS_IT_WAS

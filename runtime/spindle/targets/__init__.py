"""Target environments: what a manifest says an application must be able to run in.

An environment has, for each type of trigger, worlds that a component may be made for; it can run
there if it fits one of them. Nothing here reaches the network.
"""

from spindle.targets.catalogue import find_in_catalogue, known_names
from spindle.targets.comparing import Misfit, misfit
from spindle.targets.definition import (
    CHAINING,
    Definition,
    Support,
    TargetError,
    WorldRef,
    parse_definition,
)
from spindle.targets.local import (
    is_chained,
    local_definition,
    local_world,
    ref_text,
    targets_of,
)
from spindle.targets.worlds import World, world_in

__all__ = [
    "CHAINING",
    "Definition",
    "Misfit",
    "Support",
    "TargetError",
    "World",
    "WorldRef",
    "find_in_catalogue",
    "is_chained",
    "known_names",
    "local_definition",
    "local_world",
    "misfit",
    "parse_definition",
    "ref_text",
    "targets_of",
    "world_in",
]

"""Runs an application's components: requests and events in, instances by policy, exchanges out."""

from spindle.executor.census import Living, Loaded
from spindle.executor.engines import Engines
from spindle.executor.execution import Executor
from spindle.executor.failures import Failure, Told
from spindle.executor.firing import Firing
from spindle.executor.policy import Drawn, Fixed, Policy
from spindle.executor.sources import SourcesError

__all__ = [
    "Drawn",
    "Engines",
    "Executor",
    "Failure",
    "Firing",
    "Fixed",
    "Living",
    "Loaded",
    "Policy",
    "SourcesError",
    "Told",
]

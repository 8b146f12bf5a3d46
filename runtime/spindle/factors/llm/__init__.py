"""Language models for guests: which a component may use, and what runs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from spindle.app import AppComponent
from spindle.component.host import HostInterface
from spindle.factors.factor import Factor
from spindle.factors.llm.engine import Engine, LlmError, NoEngine
from spindle.factors.llm.interfaces import INTERFACES
from spindle.factors.llm.remote import RemoteEngine
from spindle.factors.state import InstanceState
from spindle.runtime_config import RemoteLlm, RuntimeConfig


class Granted(NamedTuple):
    """The models one component may use."""

    models: frozenset[str]
    engine: Engine

    def engine_for(self, model: str) -> Engine:
        """What runs a model; raises `LlmError` if it may not be used."""
        if model not in self.models:
            raise LlmError(
                "invalid-input",
                f"The component does not have access to use '{model}'. To give the component "
                f"access, add '{model}' to the 'ai_models' key for the component in your "
                "spin.toml manifest",
            )
        return self.engine


class LlmFactor(Factor):
    """Language models of an application."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def init(self) -> Mapping[str, HostInterface]:
        """Both versions of the interface."""
        return INTERFACES

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """The component's models."""
        state.factors["llm"] = Granted(frozenset(component.ai_models), self._engine)

    async def close(self) -> None:
        """Let go of the engine's connections."""
        await self._engine.close()


def engine_of(config: RuntimeConfig) -> Engine:
    """What a runtime configuration says runs models; raises `UserError`."""
    compute = config.llm_compute
    return RemoteEngine(compute) if isinstance(compute, RemoteLlm) else NoEngine()


__all__ = ["LlmError", "LlmFactor", "engine_of"]

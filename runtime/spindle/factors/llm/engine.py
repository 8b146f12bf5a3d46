"""What runs language models, wherever that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from spindle.factors.answering import Failure


class LlmError(Failure):
    """No answer; `case` is the `error` of `fermyon:spin/llm`."""

    def __init__(self, case: str, reason: str) -> None:
        super().__init__(reason)
        self.case = case
        self.reason = reason


class Parameters(NamedTuple):
    """The record `inferencing-params`; the default is Spin's."""

    max_tokens: int = 100
    repeat_penalty: float = 1.1
    repeat_penalty_last_n_token_count: int = 64
    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.9


class InferenceUsage(NamedTuple):
    """The record `inferencing-usage`."""

    prompt_token_count: int
    generated_token_count: int


class Inference(NamedTuple):
    """The record `inferencing-result`."""

    text: str
    usage: InferenceUsage


class EmbeddingsUsage(NamedTuple):
    """The record `embeddings-usage`."""

    prompt_token_count: int


class Embeddings(NamedTuple):
    """The record `embeddings-result`."""

    embeddings: list[list[float]]
    usage: EmbeddingsUsage


class Engine(Protocol):
    """Runs models; both methods raise `LlmError`."""

    async def infer(self, model: str, prompt: str, parameters: Parameters) -> Inference:
        """What a model makes of a prompt."""

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """Texts as vectors."""

    async def close(self) -> None:
        """Let go of connections."""


class NoEngine:
    """Runs nothing: there are no models on this machine for it."""

    async def infer(self, _model: str, _prompt: str, _parameters: Parameters) -> Inference:
        """Say so."""
        raise _not_supported()

    async def embed(self, _model: str, _texts: Sequence[str]) -> Embeddings:
        """Say so."""
        raise _not_supported()

    async def close(self) -> None:
        """There is nothing to let go of."""


def _not_supported() -> LlmError:
    return LlmError(
        "runtime-error",
        "Local LLM operations are not supported in this version of Spin. "
        'Name a server in the runtime configuration: `[llm_compute]` with `type = "remote_http"`',
    )

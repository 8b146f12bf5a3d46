"""The interface language models are reached by; its two versions differ in their names only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spindle.component.host import HostInterface
from spindle.factors.answering import answered, seen
from spindle.factors.llm.engine import Embeddings, Inference, LlmError, Parameters


async def _infer(task: Any, model: str, prompt: str, parameters: Any) -> Inference:
    engine = task.inst.state.factors["llm"].engine_for(model)
    given = Parameters() if parameters is None else Parameters(*parameters)
    answer: Inference = await engine.infer(model, prompt, given)
    return answer


async def _embed(task: Any, model: str, texts: Sequence[str]) -> Embeddings:
    answer: Embeddings = await task.inst.state.factors["llm"].engine_for(model).embed(model, texts)
    return answer


def _spelled(error: LlmError) -> tuple[str, str]:
    return error.case, error.reason


def _seen_embeddings(answer: Embeddings) -> object:
    """How many vectors of what size: the numbers tell nobody anything."""
    sizes = sorted({len(vector) for vector in answer.embeddings})
    return {"vectors": len(answer.embeddings), "sizes": sizes, "usage": seen(answer.usage)}


def _interface(name: str) -> HostInterface:
    return HostInterface(
        {
            "infer": answered(name, "infer", _infer, _spelled),
            "generate-embeddings": answered(
                name, "generate-embeddings", _embed, _spelled, seen_result=_seen_embeddings
            ),
        }
    )


INTERFACES = {name: _interface(name) for name in ("fermyon:spin/llm", "fermyon:spin/llm@2.0.0")}

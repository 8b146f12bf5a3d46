"""What servers of language models are asked, and what they answer: Spin's own API, and OpenAI's.

Spec: the requests that Spin sends; https://platform.openai.com/docs/api-reference
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from spindle.factors.llm.answers import anything, count, field, items, shortest, text, vector
from spindle.factors.llm.engine import (
    Embeddings,
    EmbeddingsUsage,
    Inference,
    InferenceUsage,
    LlmError,
    Parameters,
)


class Dialect(NamedTuple):
    """Paths, bodies of requests, and how to read those of responses (they raise `ValueError`)."""

    headers: Mapping[str, str]
    infer_path: str
    embed_path: str
    ask_infer: Callable[[str, str, Parameters], Any]
    ask_embed: Callable[[str, Sequence[str]], Any]
    read_inference: Callable[[Any], Inference]
    read_embeddings: Callable[[Any], Embeddings]


def _ask_infer(model: str, prompt: str, parameters: Parameters) -> Any:
    return {
        "model": model,
        "options": {
            "maxTokens": parameters.max_tokens,
            "repeatPenalty": shortest(parameters.repeat_penalty),
            "repeatPenaltyLastNTokenCount": parameters.repeat_penalty_last_n_token_count,
            "temperature": shortest(parameters.temperature),
            "topK": parameters.top_k,
            "topP": shortest(parameters.top_p),
        },
        "prompt": prompt,
    }


def _ask_embed(model: str, texts: Sequence[str]) -> Any:
    return {"input": list(texts), "model": model}


def _inference(answer: Any) -> Inference:
    return Inference(field(answer, "text", text), field(answer, "usage", _usage))


def _usage(value: Any) -> InferenceUsage:
    return InferenceUsage(
        field(value, "promptTokenCount", count), field(value, "generatedTokenCount", count)
    )


def _embeddings(answer: Any) -> Embeddings:
    return Embeddings(
        [vector(each) for each in field(answer, "embeddings", items)],
        EmbeddingsUsage(field(field(answer, "usage", anything), "promptTokenCount", count)),
    )


SPIN = Dialect({}, "/infer", "/embed", _ask_infer, _ask_embed, _inference, _embeddings)


def _ask_chat(model: str, prompt: str, parameters: Parameters) -> Any:
    return {
        "messages": [{"role": "user", "content": prompt}],
        "model": model,
        "max_completion_tokens": parameters.max_tokens,
        "frequency_penalty": shortest(parameters.repeat_penalty),
    }


def _completion(answer: Any) -> Inference:
    choices = [
        field(field(each, "message", anything), "content", text)
        for each in field(answer, "choices", items)
    ]
    return Inference(choices[0] if choices else "", field(answer, "usage", _completion_usage))


def _completion_usage(value: Any) -> InferenceUsage:
    return InferenceUsage(
        field(value, "prompt_tokens", count), field(value, "completion_tokens", count)
    )


def _vectors(answer: Any) -> Embeddings:
    return Embeddings(
        [field(each, "embedding", vector) for each in field(answer, "data", items)],
        EmbeddingsUsage(field(field(answer, "usage", anything), "prompt_tokens", count)),
    )


def _unless_error(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Read an answer, which may be an error in OpenAI's words: that raises `LlmError`."""

    def unless_error(answer: Any) -> Any:
        try:
            return read(answer)
        except ValueError:
            if isinstance(answer, dict) and "error" in answer:
                message = field(field(answer, "error", anything), "message", text)
                raise LlmError("runtime-error", message) from None
            raise

    return unless_error


OPEN_AI = Dialect(
    {"content-type": "application/json"},
    "/v1/chat/completions",
    "/v1/embeddings",
    _ask_chat,
    _ask_embed,
    _unless_error(_completion),
    _unless_error(_vectors),
)

DIALECTS = {"default": SPIN, "open_ai": OPEN_AI}
"""By `api_type`."""

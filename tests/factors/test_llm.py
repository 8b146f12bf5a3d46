"""Language models: Spin's requests and errors, for guests of both versions of the interface."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import openai
import pytest
from aiohttp import web
from hypothesis import example, given
from hypothesis import strategies as st
from tests.labs import LabError, Laboratory, Labs, laboratory
from tests.services.language_models import TOKEN, LanguageModels
from tests.services.process import free_port

from spindle.errors import UserError
from spindle.factors.llm.answers import shortest
from spindle.factors.llm.dialects import DIALECTS
from spindle.factors.llm.engine import LlmError

GUESTS = ("lab-python", "lab-python-2", "lab-javascript")
GRANT = {"ai_models": ["echo", "echo-embeddings", "gone"]}
COMPUTE = """
[llm_compute]
type = "remote_http"
url = "{url}/elsewhere"
auth_token = "{token}"
api_type = "{api}"
"""
INFER = {
    "python 2.0.0": ("lab-python", "return llm.infer({model!r}, {prompt!r})"),
    "python 2.0.0 of WASI 0.2": ("lab-python-2", "return llm.infer({model!r}, {prompt!r})"),
    "javascript 2.0.0": (
        "lab-javascript",
        'return imported["fermyon:spin/llm@2.0.0"].infer({model!r}, {prompt!r})',
    ),
    "javascript": (
        "lab-javascript",
        'return imported["fermyon:spin/llm"].infer({model!r}, {prompt!r})',
    ),
}
EMBED = {
    "python 2.0.0": ("lab-python", "return llm.generate_embeddings({model!r}, {texts!r})"),
    "javascript": (
        "lab-javascript",
        'return imported["fermyon:spin/llm"].generateEmbeddings({model!r}, {texts!r})',
    ),
}


@pytest.fixture(scope="module")
def models() -> Iterator[LanguageModels]:
    server = LanguageModels()
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _as_before(models: LanguageModels) -> None:
    models.answer = models.trouble = None
    models.requests.clear()


def settings(models: LanguageModels, api: str, token: str = TOKEN) -> dict[str, Any]:
    text = COMPUTE.format(url=models.url, token=token, api=api)
    return {"runtime_config": text, **GRANT}


@pytest.fixture(scope="module", params=DIALECTS)
def host(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    models: LanguageModels,
) -> Iterator[Laboratory]:
    directory = tmp_path_factory.mktemp("llm")
    with laboratory(directory, GUESTS, **settings(models, request.param)) as host:
        yield host


def ask(host: Laboratory, way: tuple[str, str], model: str = "echo", **words: Any) -> Any:
    guest, code = way
    answer = host.run(code.format(model=model, **words), guest)
    return json.loads(json.dumps(answer).replace("TokenCount", "_token_count"))


@pytest.mark.parametrize("way", INFER.values(), ids=INFER)
def test_a_model_answers(host: Laboratory, models: LanguageModels, way: tuple[str, str]) -> None:
    answer = ask(host, way, prompt="say this, 世界")
    assert answer["text"] == "say this, 世界"
    assert {**answer["usage"]} == {"prompt_token_count": 3, "generated_token_count": 3}
    ((path, headers, body),) = models.requests
    assert headers["authorization"] == f"bearer {TOKEN}"
    if path == "/infer":
        assert body == {
            "model": "echo",
            "prompt": "say this, 世界",
            "options": {
                "maxTokens": 100,
                "repeatPenalty": 1.1,
                "repeatPenaltyLastNTokenCount": 64,
                "temperature": 0.8,
                "topK": 40,
                "topP": 0.9,
            },
        }
    else:
        assert path == "/v1/chat/completions"
        assert headers["content-type"] == "application/json"
        assert body == {
            "messages": [{"role": "user", "content": "say this, 世界"}],
            "model": "echo",
            "max_completion_tokens": 100,
            "frequency_penalty": 1.1,
        }


def test_parameters_are_the_guests(host: Laboratory, models: LanguageModels) -> None:
    options = "llm.InferencingParams(max_tokens=2, repeat_penalty=float('nan'), top_k=7)"
    host.run(f"return llm.infer_with_options('echo', 'a b c', {options})")
    ((path, _, body),) = models.requests
    if path == "/infer":
        assert body["options"]["maxTokens"] == 2
        assert body["options"]["topK"] == 7
        assert body["options"]["repeatPenalty"] is None
    else:
        assert (body["max_completion_tokens"], body["frequency_penalty"]) == (2, None)


def test_a_prompt_may_be_long(host: Laboratory, models: LanguageModels) -> None:
    host.run("return len(llm.infer('echo', 'x ' * 2_000_000).text)")
    ((_, headers, body),) = models.requests
    assert len(body.get("prompt") or body["messages"][0]["content"]) == 4_000_000
    assert int(headers["content-length"]) > 4_000_000


@pytest.mark.parametrize("way", EMBED.values(), ids=EMBED)
def test_texts_become_vectors(
    host: Laboratory, models: LanguageModels, way: tuple[str, str]
) -> None:
    answer = ask(host, way, "echo-embeddings", texts=["one two", "three"])
    assert answer == {
        "embeddings": [[7.0, 0.25, -1.5], [5.0, 0.25, -1.5]],
        "usage": {"prompt_token_count": 3},
    }
    ((path, _, body),) = models.requests
    assert path in ("/embed", "/v1/embeddings")
    assert body == {"input": ["one two", "three"], "model": "echo-embeddings"}


def told(host: Laboratory, code: str = "return llm.infer('echo', 'hello')") -> Any:
    with pytest.raises(LabError) as raised:
        host.run(code)
    return raised.value.value


def test_a_model_that_is_not_granted(host: Laboratory, models: LanguageModels) -> None:
    for code in ("llm.infer('other', '')", "llm.generate_embeddings('other', [])"):
        assert told(host, f"return {code}") == {
            "Error_InvalidInput": (
                "The component does not have access to use 'other'. To give the component "
                "access, add 'other' to the 'ai_models' key for the component in your spin.toml "
                "manifest"
            )
        }
    assert not models.requests


NONSENSE = {
    "no JSON": b"<html>",
    "no object": b"[]",
    "nothing": b"",
    "no text": b'{"usage": {"promptTokenCount": 1, "generatedTokenCount": 1}}',
    "a negative count": b'{"text": "", "usage": {"promptTokenCount": -1}, "choices": []}',
    "deep": b"[" * 100_000,
    "no content": (
        b'{"choices": [{"message": {"content": null}}],'
        b' "usage": {"prompt_tokens": 1, "completion_tokens": 1}}'
    ),
    "an error that is none": b'{"error": "why not"}',
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_an_answer_that_makes_no_sense(
    host: Laboratory, models: LanguageModels, body: bytes
) -> None:
    models.answer = 200, body
    reason = told(host)["Error_RuntimeError"]
    assert reason.startswith('Failed to deserialize response for "POST /')
    assert len(reason) < 1000


def test_the_servers_own_errors_reach_guests(
    tmp_path: Path, lab: Labs, models: LanguageModels
) -> None:
    host = lab(**settings(models, "open_ai"))
    gone = told(host, "return llm.infer('gone', 'hello')")
    assert gone == {"Error_RuntimeError": "The model does not exist."}
    refused = lab(**settings(models, "open_ai", "wrong"))
    assert told(refused) == {"Error_RuntimeError": "Incorrect API key provided."}
    spins = lab(**settings(models, "default", "wrong"))
    assert "the server answered 401" in told(spins)["Error_RuntimeError"]


def test_a_server_that_is_down(lab: Labs) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    text = COMPUTE.format(url=url, token=TOKEN, api="default")
    reason = told(lab(runtime_config=text, **GRANT))["Error_RuntimeError"]
    assert reason.startswith("POST /infer request error: ")
    assert TOKEN not in reason


async def break_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-length": "1000"})
    await response.prepare(request)
    await response.write(b'{"text": "')
    assert request.transport is not None
    request.transport.close()
    return response


async def pour(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    with suppress(ConnectionError):
        while True:
            await response.write(b"x" * (1 << 20))
    return response


async def hang(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(600)
    raise AssertionError(request)


def test_an_answer_that_breaks_off(host: Laboratory, models: LanguageModels) -> None:
    models.trouble = break_off
    assert " request error: " in told(host)["Error_RuntimeError"]


def test_an_answer_without_end(host: Laboratory, models: LanguageModels) -> None:
    models.trouble = pour
    assert told(host)["Error_RuntimeError"] == "query result exceeds limit of 134217728 bytes"


def test_a_server_that_hangs_ends_with_the_request(lab: Labs, models: LanguageModels) -> None:
    models.trouble = hang
    host = lab(options={"limits": {"request_timeout": 5.0}}, **settings(models, "open_ai"))
    status, _ = host.post("/lab-python", b"return llm.infer('echo', 'hello')")
    assert status != 200
    models.trouble = None
    assert host.run("return llm.infer('echo', 'hello').text") == "hello"


def test_there_are_no_models_on_this_machine(lab: Labs) -> None:
    for config in ("", '[llm_compute]\ntype = "spin"\n'):
        reason = told(lab(runtime_config=config, **GRANT))["Error_RuntimeError"]
        assert reason.startswith("Local LLM operations are not supported in this version of Spin.")
        assert '`[llm_compute]` with `type = "remote_http"`' in reason


def test_a_dependency_has_the_models_that_it_inherits(lab: Labs, models: LanguageModels) -> None:
    config = settings(models, "open_ai")
    host = lab(composed=["ai_models"], **config)
    assert host.run("return llm.infer('echo', 'hello')")["text"] == "hello"
    host = lab(composed=False, **config)
    assert "does not have access" in told(host)["Error_InvalidInput"]


@pytest.mark.parametrize("url", ["localhost", "ftp://host", "http://", "http://[", "http://a:b"])
def test_an_address_that_is_none_is_found_at_the_start(lab: Labs, url: str) -> None:
    text = COMPUTE.format(url=url, token=TOKEN, api="default").replace("/elsewhere", "")
    with pytest.raises(UserError, match="is no address of a server"):
        lab(runtime_config=text, **GRANT)


WORDS = """
    text usage choices message content error data embedding embeddings prompt_tokens
    completion_tokens promptTokenCount
"""
ANSWERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS.split()), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(ANSWERS)
def test_any_answer_is_read_or_refused(answer: Any) -> None:
    for dialect in DIALECTS.values():
        for read in (dialect.read_inference, dialect.read_embeddings):
            try:
                read(answer)
            except (ValueError, LlmError) as error:
                assert str(error)  # noqa: PT017  # most are refused, some are not


def digits(number: float) -> int:
    """Significant ones, of the shortest text that means it."""
    return len(Decimal(repr(number)).normalize().as_tuple().digits)


@given(st.floats(width=32))
@example(999999995904.0)
def test_numbers_are_sent_in_as_few_digits_as_they_need(number: float) -> None:
    short = shortest(number)
    if short is None:
        assert number != number or abs(number) == float("inf")
    else:
        assert digits(short) <= digits(number)


def test_the_server_is_one_for_openais_client(models: LanguageModels) -> None:
    with openai.OpenAI(base_url=f"{models.url}/v1", api_key=TOKEN) as client:
        completion = client.chat.completions.create(
            model="echo", messages=[{"role": "user", "content": "hello there"}]
        )
        assert completion.choices[0].message.content == "hello there"
        assert completion.usage is not None
        assert completion.usage.total_tokens == 4
        vectors = client.embeddings.create(model="echo-embeddings", input=["a", "bc"])
        assert [each.embedding for each in vectors.data] == [[1.0, 0.25, -1.5], [2.0, 0.25, -1.5]]
        with pytest.raises(openai.NotFoundError, match="The model does not exist"):
            client.embeddings.create(model="other", input="a")
    with (
        openai.OpenAI(base_url=f"{models.url}/v1", api_key="wrong") as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.chat.completions.create(model="echo", messages=[])

"""Language models behind an HTTP API."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from spindle.errors import UserError
from spindle.factors.llm.dialects import DIALECTS
from spindle.factors.llm.engine import Embeddings, Inference, LlmError, Parameters
from spindle.factors.outbound_url import without_password
from spindle.runtime_config import RemoteLlm

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")

MOST_BYTES = 128 << 20
"""Bytes of one answer, as in Spin."""
CONNECT_SECONDS = 30.0
MOST_SHOWN = 200
"""Characters of an answer that is shown because it makes no sense."""


class RemoteEngine:
    """A server that runs models, and the token it knows us by."""

    def __init__(self, settings: RemoteLlm) -> None:
        _check(settings)
        self._url = settings.url
        self._token = settings.auth_token
        self._dialect = DIALECTS[settings.api_type]
        self._session: aiohttp.ClientSession | None = None

    async def infer(self, model: str, prompt: str, parameters: Parameters) -> Inference:
        """What a model makes of a prompt; raises `LlmError`."""
        dialect = self._dialect
        body = dialect.ask_infer(model, prompt, parameters)
        return await self._ask(dialect.infer_path, body, dialect.read_inference)

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """Texts as vectors; raises `LlmError`."""
        dialect = self._dialect
        body = dialect.ask_embed(model, texts)
        return await self._ask(dialect.embed_path, body, dialect.read_embeddings)

    async def close(self) -> None:
        """Close the connections that are kept."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, path: str, body: Any, read: Callable[[Any], T]) -> T:
        status, answer = await self._post(path, json.dumps(body, separators=(",", ":")).encode())
        try:
            return read(json.loads(answer))
        except (ValueError, RecursionError) as error:
            raise LlmError("runtime-error", _no_sense(path, status, answer, error)) from None

    async def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        import aiohttp  # only here: it takes long to import

        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout)
        headers = {"authorization": f"bearer {self._token}", **self._dialect.headers}
        try:
            async with self._session.post(
                urljoin(self._url, path),
                data=io.BytesIO(body),  # sent piece by piece
                headers=headers,
                skip_auto_headers=("content-type",),
            ) as response:
                return response.status, await _whole(response)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise LlmError("runtime-error", f"POST {path} request error: {reason}") from None


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            raise LlmError("runtime-error", f"query result exceeds limit of {MOST_BYTES} bytes")
    return bytes(body)


def _no_sense(path: str, status: int, answer: bytes, error: Exception) -> str:
    shown = answer[:MOST_SHOWN].decode(errors="replace")
    return (
        f'Failed to deserialize response for "POST {path}": {error}; '
        f"the server answered {status}: {shown}"
    )


def _check(settings: RemoteLlm) -> None:
    """Raises `UserError` if nothing can be asked that way."""
    try:
        parts = urlsplit(settings.url)
        sensible = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sensible = False
    if not sensible:
        shown = without_password(settings.url)
        raise UserError(
            f"`url` of `[llm_compute]` is no address of a server: `{shown}`",
            hints=("write it like `http://localhost:11434`",),
        )
    if not (settings.auth_token.isascii() and settings.auth_token.isprintable()):
        raise UserError("`auth_token` of `[llm_compute]` can't be sent: it is not printable ASCII")

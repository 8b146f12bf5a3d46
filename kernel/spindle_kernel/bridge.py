"""A kernel for editors that do not speak Jupyter's protocol: JSON-RPC over stdin and stdout.

Messages are framed as a language server's. `execute {code}` answers `{status}` at its end; on the
way, notifications `output {id, type, content}` have Jupyter's own messages, by the id of the call,
and `ask {prompt, password}` is answered by a notification `answer {value}`. `complete {code,
cursor}` answers as Jupyter's `complete_reply`. `interrupt`, `restart`; the end of stdin ends it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from spindle.client import Decoder, encode_message
from spindle_kernel.installing import specification

Message = Mapping[str, Any]

READY_SECONDS = 60.0
OUTPUTS = frozenset(
    {
        "stream", "display_data", "update_display_data", "execute_result", "error",
        "clear_output",
    }
)  # fmt: skip


async def serve_editor(directory: str, come: BinaryIO, go: BinaryIO) -> None:
    """Have a kernel in a directory, until nobody asks any more."""
    encryption = "auto" if zmq.has("curve") else "disabled"
    manager = AsyncKernelManager(kernel_spec_manager=_OnlyOurs(), transport_encryption=encryption)
    await manager.start_kernel(cwd=directory)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=READY_SECONDS)
        await _Bridge(manager, client, go).serve(come)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


class _OnlyOurs(KernelSpecManager):
    """Knows our kernel under any name, installed or not."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(**specification())


class _Bridge:
    """One editor's way to one kernel."""

    def __init__(self, manager: AsyncKernelManager, client: AsyncKernelClient, go: BinaryIO):
        self._manager = manager
        self._client = client
        self._go = go
        self._one_at_a_time = asyncio.Lock()
        self._calls: set[asyncio.Task[None]] = set()

    async def serve(self, come: BinaryIO) -> None:
        """Answer what comes; each call at its own time."""
        decoder, loop = Decoder(), asyncio.get_running_loop()
        read = come.read1  # type: ignore[attr-defined]  # a buffered reader
        while data := await loop.run_in_executor(None, read, 65536):
            for message in decoder.feed(data):
                if isinstance(message, dict) and "method" in message:
                    call = asyncio.create_task(self._take(message))
                    self._calls.add(call)
                    call.add_done_callback(self._calls.discard)
        left = list(self._calls)
        for call in left:
            call.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _take(self, message: Message) -> None:
        method, params = message["method"], message.get("params") or {}
        id_ = message.get("id")
        result: object = None
        match method:
            case "execute":
                async with self._one_at_a_time:
                    result = await self._execute(id_, str(params.get("code", "")))
            case "complete":
                code = str(params.get("code", ""))
                result = await self._complete(code, int(params.get("cursor", len(code))))
            case "interrupt":
                await self._manager.interrupt_kernel()
            case "restart":
                await self._restart()
            case "answer":
                self._client.input(str(params.get("value", "")))
            case _:
                error = {"code": -32601, "message": f"there is no method `{method}`"}
                self._send({"jsonrpc": "2.0", "id": id_, "error": error})
                return
        if id_ is not None:
            self._send({"jsonrpc": "2.0", "id": id_, "result": result})

    async def _execute(self, id_: object, code: str) -> object:
        def output(message: Message) -> None:
            if message["msg_type"] in OUTPUTS:
                content = _plain(message["content"])
                said = {"id": id_, "type": message["msg_type"], "content": content}
                self._send({"jsonrpc": "2.0", "method": "output", "params": said})

        def ask(message: Message) -> None:
            params = {**message["content"]}
            self._send({"jsonrpc": "2.0", "method": "ask", "params": params})

        reply = await self._client.execute_interactive(
            code, allow_stdin=True, output_hook=output, stdin_hook=ask
        )
        return {"status": reply["content"]["status"]}

    async def _complete(self, code: str, cursor: int) -> object:
        reply = await self._client.complete(code, cursor, reply=True, timeout=READY_SECONDS)
        return _plain(reply["content"])

    async def _restart(self) -> None:
        await self._manager.restart_kernel(now=True)
        await self._client.wait_for_ready(timeout=READY_SECONDS)

    def _send(self, message: Message) -> None:
        self._go.write(encode_message(message))
        self._go.flush()


def _plain(content: Any) -> Any:
    """A message's content as JSON can say it: times become texts."""
    match content:
        case Mapping():
            return {str(name): _plain(part) for name, part in content.items()}
        case list() | tuple():
            return [_plain(part) for part in content]
        case None | bool() | int() | float() | str():
            return content
    return str(content)


def run_bridge(directory: str) -> None:
    """`serve_editor` over this process's stdin and stdout."""
    asyncio.run(serve_editor(directory, sys.stdin.buffer, sys.stdout.buffer))

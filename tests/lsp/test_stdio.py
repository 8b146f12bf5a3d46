"""The server as editors run it: a process of its own, spoken to by a whole client."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pygls.lsp.client import LanguageClient as PlainClient
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from tests.conftest import SPINDLE
from tests.lsp.conftest import MANIFEST
from tests.lsp.conversation import notification, request

BROKEN = MANIFEST.replace('component = "cart"', 'component = "card"')
COMMANDS = ["spindle.openRoute", "spindle.showExchanges"]


@pytest_lsp.fixture(  # type: ignore[untyped-decorator]  # it has no types
    params=["visual-studio-code", "neovim", "emacs"],
    config=ClientServerConfig(server_command=[str(SPINDLE), "lsp"]),
)
async def client(
    lsp_client: LanguageClient, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[None]:
    capabilities = client_capabilities(request.param)
    # The test client neither pulls nor watches.
    if capabilities.text_document is not None:
        capabilities.text_document.diagnostic = None
    if capabilities.workspace is not None:
        capabilities.workspace.did_change_watched_files = None
    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities,
            initialization_options={"commands": COMMANDS},
            workspace_folders=[types.WorkspaceFolder(tmp_path.as_uri(), "shop")],
        )
    )
    yield
    await lsp_client.shutdown_session()


async def opened(client: LanguageClient, shop: Path, text: str) -> str:
    uri = shop.as_uri()
    item = types.TextDocumentItem(uri, "toml", 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    return uri


@pytest.mark.asyncio
async def test_a_mistake_is_shown_and_fixed(client: LanguageClient, shop: Path) -> None:
    uri = await opened(client, shop, BROKEN)
    codes = [found.code for found in client.diagnostics[uri]]
    assert "undefined-component" in codes
    place = types.Position(8, 14)
    whole = types.Range(types.Position(0, 0), types.Position(99, 0))
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, uri),
            [
                types.TextDocumentContentChangePartial(
                    types.Range(types.Position(8, 13), types.Position(8, 17)), "cart"
                )
            ],
        )
    )
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    assert not client.diagnostics[uri]
    document = types.TextDocumentIdentifier(uri)
    hover = await client.text_document_hover_async(types.HoverParams(document, place))
    assert hover is not None
    targets = await client.text_document_definition_async(types.DefinitionParams(document, place))
    assert isinstance(targets, list)
    assert isinstance(targets[0], types.Location)
    assert targets[0].range.start.line == 10
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(document))
    assert [lens.command.command for lens in lenses or () if lens.command] == COMMANDS
    tokens = await client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(document)
    )
    assert tokens is not None
    assert tokens.data
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(document, whole, types.CodeActionContext([]))
    )
    assert not actions


def test_end_of_input_ends_the_server() -> None:
    done = subprocess.run([SPINDLE, "lsp"], input=b"", capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stdout == b""


def test_exit_after_shutdown_is_a_success() -> None:
    start: dict[str, object] = {"processId": None, "rootUri": None, "capabilities": {}}
    said = [
        request(1, "initialize", start),
        notification("initialized", {}),
        request(2, "shutdown"),
        notification("exit"),
    ]
    command = [sys.executable, "-m", "spindle_lsp"]
    done = subprocess.run(
        command, input=b"".join(said), capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b"Content-Length") == 2


@pytest.mark.asyncio
async def test_over_a_socket(shop: Path) -> None:
    command = [str(SPINDLE), "lsp", "--tcp", "0"]
    process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        where = (await process.stderr.readline()).decode().split()[-1]
        client = PlainClient("test", "1")
        host, _, port = where.rpartition(":")
        assert host == "127.0.0.1"
        await client.start_tcp(host, int(port))
        result = await client.initialize_async(
            types.InitializeParams(capabilities=types.ClientCapabilities())
        )
        assert result.server_info is not None
        assert result.server_info.name == "spindle"
        await client.shutdown_async(None)
        client.exit(None)
        assert await process.wait() == 0
        await client.stop()  # type: ignore[no-untyped-call]  # it has no types
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("address", ["x", "127.0.0.1:x", "99999"])
def test_an_address_that_is_none(address: str) -> None:
    command = [str(SPINDLE), "lsp", "--tcp", address]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--tcp" in done.stderr

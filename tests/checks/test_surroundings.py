"""A manifest against its runtime configuration, the environment and `.env`."""

from __future__ import annotations

from pathlib import Path

import pytest

from spindle.diagnostics import Diagnostic
from spindle.fixes import apply_edits
from spindle.loader import Options, load
from spindle.runtime_config import RuntimeConfig, read_runtime_config

MANIFEST = """spin_manifest_version = 2
[application]
name = "a"
[variables]
api_key = { required = true }
[[trigger.http]]
route = "/..."
component = "c"
[component.c]
source = "c.wasm"
ai_models = ["m"]
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, which is not the application's."""
    directory = tmp_path / "elsewhere"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


def problems(root: Path, config: str | None = None) -> list[Diagnostic]:
    runtime_config: RuntimeConfig | None = None
    found: tuple[Diagnostic, ...] = ()
    if config is not None:
        runtime_config, found = read_runtime_config(root / "runtime-config.toml", config)
    options = Options(check_files=False, runtime_config=runtime_config)
    return [*load(root, options).diagnostics, *found]


def codes(root: Path, config: str | None = None) -> list[str]:
    return [problem.code for problem in problems(root, config)]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "spin.toml").write_text(MANIFEST)
    return tmp_path


def test_a_variable_has_no_value(app: Path) -> None:
    assert codes(app) == ["variable-without-value"]


def test_a_variable_has_its_value_in_the_environment(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIN_VARIABLE_API_KEY", "1")
    assert codes(app) == []


def test_a_variable_has_its_value_in_dotenv(app: Path, elsewhere: Path) -> None:
    (app / ".env").write_text("SPIN_VARIABLE_API_KEY=1\n")
    assert codes(app) == ["dotenv-elsewhere"]
    (elsewhere / ".env").write_text("SPIN_VARIABLE_API_KEY=1\n")
    assert codes(app) == []
    (elsewhere / ".env").write_text("SPIN_VARIABLE_OTHER=12\n")
    assert codes(app) == ["dotenv-elsewhere"]


def test_dotenv_has_nearly_the_name(app: Path) -> None:
    (app / ".env").write_text("# keys\nexport SPIN_VARIABLE_API_KYE=1\nSPIN_VARIABLE_OTHER=2\n")
    (problem,) = (p for p in problems(app) if p.code == "value-of-no-variable")
    assert problem.path == app / ".env"
    assert problem.span == ((1, 21), (1, 28))
    assert problem.help == "did you mean `api_key`?"


LLM = '[llm_compute]\ntype = "remote_http"\nurl = "https://a"\nauth_token = "b"\n'


@pytest.mark.parametrize(
    ("config", "found"),
    [
        (LLM, ["variable-without-value"]),
        ("", ["variable-without-value", "models-without-compute"]),
        (LLM + '[[variables_provider]]\ntype = "static"\nvalues = { api_key = "1" }\n', []),
        (
            LLM + '[[variables_provider]]\ntype = "static"\nvalues = { api_kye = "1" }\n',
            ["value-of-no-variable", "variable-without-value"],
        ),
        (
            LLM + '[[variables_provider]]\ntype = "vault"\nurl = "u"\ntoken = "t"\nmount = "m"\n',
            [],
        ),
        (
            LLM + '[[client_tls]]\ncomponent_ids = ["d"]\nhosts = ["h"]\nclient_cert_file = "c"\n',
            ["undefined-component", "variable-without-value", "half-certificate"],
        ),
        (
            LLM + '[outbound_networking]\nblock_networks = ["private", "10.0.0.0/8", "lan"]\n',
            ["variable-without-value", "invalid-value"],
        ),
        (
            LLM.replace("remote_http", "remote_htp"),
            ["variable-without-value", "models-without-compute", "unknown-type"],
        ),
        (LLM + 'api_type = "openai"\n', ["variable-without-value", "invalid-value"]),
        (
            LLM + '[sqlite_database.a]\ntype = "libsql"\nurl = "libsql://a"\ntoken = "t"\n',
            ["variable-without-value", "invalid-value"],
        ),
        (
            LLM + '[key_value_store.a]\ntype = "redis"\nulr = "redis://a"\n',
            ["variable-without-value", "unknown-field"],
        ),
    ],
)
def test_configuration(app: Path, config: str, found: list[str]) -> None:
    assert codes(app, config) == found
    assert all(problem.span for problem in problems(app, config))


def test_fixes_of_a_configuration(app: Path) -> None:
    text = '[outbound_http] # slow\nmax_connections = 3\n[[config_provider]]\ntype = "env"\n'
    path = app / "runtime-config.toml"
    for _ in range(2):
        _, found = read_runtime_config(path, text)
        assert found[0].fix is not None
        assert found[0].fix.safe
        text = apply_edits(text, found[0].fix.edits)
    assert not read_runtime_config(path, text)[1]
    assert text == (
        "[outbound_http] # slow\nmax_connections = 3\nconnection_pooling = false\n"
        '[[variables_provider]]\ntype = "env"\n'
    )

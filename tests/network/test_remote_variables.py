"""Variables from Vault and Azure Key Vault, and secrets, which nothing shows."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.factors.calling import run
from tests.labs import LabError, Labs
from tests.network.origin import Origin, ok
from tests.network.vaults import KeyVault, Vault

from spindle.errors import HostError
from spindle.events import EventKind
from spindle.exchange import Exchange
from spindle.factors.remote_variables import AzureProvider, VaultProvider
from spindle.runtime_config import AzureKeyVaultVariables, VaultVariables
from spindle.variables import ProviderError

READ = 'return await variables.get("{name}")'


@pytest.fixture
def vault() -> Iterator[Vault]:
    with Vault({"app/password": {"value": "s3cret"}, "app/odd": {"valeu": 1}}) as made:
        yield made


def vault_config(vault: Vault, token: str = Vault.token) -> str:
    return f"""
        [[variables_provider]]
        type = "vault"
        url = "{vault.url}/"
        token = "{token}"
        mount = "kv"
        prefix = "app"
        [[variables_provider]]
        type = "static"
        values = {{ greeting = "hi" }}
    """


VARIABLES = """
[variables]
password = { required = true, secret = true }
greeting = { default = "nothing" }
odd = { default = "even" }
"""
USED = {name: f"{{{{ {name} }}}}" for name in ("password", "greeting", "odd")}


def test_vault_comes_in_its_place(lab: Labs, vault: Vault) -> None:
    host = lab(manifest=VARIABLES, variables=USED, runtime_config=vault_config(vault))
    assert host.run(READ.format(name="password")) == "s3cret"
    assert host.run(READ.format(name="greeting")) == "hi"
    vault.secrets["app/password"] = {"value": "changed"}
    assert host.run(READ.format(name="password")) == "changed"
    given = lab(
        manifest=VARIABLES,
        variables=USED,
        runtime_config=vault_config(vault),
        options={"variables": {"password": "mine"}},
    )
    assert given.run(READ.format(name="password")) == "mine"


def test_what_vault_has_no_text_for(lab: Labs, vault: Vault) -> None:
    host = lab(manifest=VARIABLES, variables=USED, runtime_config=vault_config(vault))
    with pytest.raises(LabError) as caught:
        host.run(READ.format(name="odd"))
    said = f"Vault at `{vault.url}/` has no text `value` in its secret for variable `odd`"
    assert caught.value.value == {"Error_Provider": said}
    assert said in host.console.lines


def test_vault_is_sealed_and_opened_again(lab: Labs, vault: Vault) -> None:
    vault.sealed = True
    host = lab(manifest=VARIABLES, variables=USED, runtime_config=vault_config(vault))
    with pytest.raises(LabError, match="Vault is sealed"):
        host.run(READ.format(name="password"))
    vault.sealed = False
    assert host.run(READ.format(name="password")) == "s3cret"


def test_vault_refuses_the_token_and_nobody_sees_it(lab: Labs, vault: Vault) -> None:
    config = vault_config(vault, token="hvs.another-nobody-sees")
    host = lab(manifest=VARIABLES, variables=USED, runtime_config=config)
    with pytest.raises(LabError, match="permission denied"):
        host.run(READ.format(name="password"))
    assert "nobody-sees" not in host.console.text


def test_vault_that_is_down() -> None:
    async def test() -> None:
        told: list[str] = []
        settings = VaultVariables(url="http://u:hidden@127.0.0.1:1", token="t", mount="kv")
        provider = VaultProvider(settings, told.append)
        with pytest.raises(ProviderError, match="can't be reached"):
            await provider.get("a")
        await provider.close()
        assert len(told) == 1
        assert "hidden" not in told[0]

    run(test)


def test_hosts_need_their_variables_at_the_start(lab: Labs, vault: Vault) -> None:
    with Origin(lambda _request: ok()) as origin:
        vault.secrets["app/greeting"] = {"value": f"127.0.0.1:{origin.port}"}
        settings = {
            "manifest": VARIABLES,
            "runtime_config": vault_config(vault),
            "allowed_outbound_hosts": ["http://{{ greeting }}"],
        }
        host = lab(**settings)
        url = f"http://127.0.0.1:{origin.port}/"
        code = f"return (await http.send(Request('GET', {url!r}, {{}}, None))).status"
        assert host.run(code) == 200
        vault.sealed = True
        with pytest.raises(HostError, match=r"needs variable `greeting`: Vault at .* sealed"):
            lab(**settings)


def test_a_secret_shows_nowhere(lab: Labs, vault: Vault) -> None:
    host = lab(
        manifest=VARIABLES,
        variables={"dsn": "db://{{ password }}@host"},
        runtime_config=vault_config(vault),
    )
    heard = host.host.bus.subscribe([EventKind.EXCHANGE_FINISHED])
    code = """
        dsn = await variables.get("dsn")
        import spin_sdk.wit.imports.wasi_config_store_0_2_0_draft_2024_09_27 as config
        assert dict(config.get_all())["dsn"] == config.get("dsn") == dsn
        return len(dsn)
    """
    assert host.run(code) == len("db://s3cret@host")
    with pytest.raises(LabError):
        host.run('raise ValueError((await variables.get("dsn"))[0])')
    event = heard.get_nowait()
    assert event is not None
    assert isinstance(event.data, Exchange)
    record = json.dumps(event.data.to_json())
    assert "password" in record  # its name
    assert "s3cret" not in record
    assert "s3cret" not in host.console.text


# ---- Azure Key Vault -----------------------------------------------------------------------


def azure(vault: KeyVault, secret: str = KeyVault.secret) -> AzureProvider:
    settings = AzureKeyVaultVariables(
        vault_url=f"{vault.url}/", client_id="client", client_secret=secret, tenant_id="tenant"
    )
    return AzureProvider(settings, lambda _trouble: None, {"AzurePublicCloud": vault.url})


def test_azure_gives_values_to_whom_it_knows() -> None:
    async def test() -> None:
        with KeyVault({"password": "s3cret"}) as vault:
            provider = azure(vault)
            assert [await provider.get("password") for _ in range(3)] == ["s3cret"] * 3
            assert vault.tokens == 1
            with pytest.raises(ProviderError, match=r"`other`: A secret .* was not found"):
                await provider.get("other")
            await provider.close()

    run(test)


def test_azure_gives_a_stranger_nothing() -> None:
    async def test() -> None:
        with KeyVault({"password": "s3cret"}) as vault:
            provider = azure(vault, "wrong-secret")
            with pytest.raises(ProviderError, match="AADSTS7000215") as caught:
                await provider.get("password")
            assert "wrong-secret" not in str(caught.value)
            await provider.close()

    run(test)

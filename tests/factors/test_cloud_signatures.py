"""Signatures of requests to clouds, as others make them."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spindle.factors.key_value.aws import Credentials, environment_credentials, signed_headers
from spindle.factors.key_value.cosmos_store import proof_of

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEADERS = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "DynamoDB_20120810.Scan",
}


@pytest.mark.parametrize(
    ("token", "signature"),
    [
        (None, "07fa972511de13c4cc468e6c14e0527fb9c78a638ae28169d4732a08923067cd"),
        ("token/==", "ab69749bd54aba0d23aecf1367844d8c72a8ebb22d2393964758c305dbae6dfa"),
    ],
)
def test_aws_signatures_are_those_of_its_own_client(token: str | None, signature: str) -> None:
    credentials = Credentials("AKIDEXAMPLE", "secret/key", token)
    url = "https://dynamodb.eu-west-1.amazonaws.com/"
    body = b'{"TableName":"t"}'
    sent = signed_headers(credentials, "dynamodb", "eu-west-1", url, HEADERS, body, MOMENT)
    assert sent["authorization"].endswith(f"Signature={signature}")
    assert sent.get("x-amz-security-token") == token


VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")


def test_aws_credentials_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert environment_credentials() is None
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = a\naws_secret_access_key = s%x\n"
    )
    (tmp_path / "config").write_text(
        "[profile work]\naws_access_key_id=b\naws_secret_access_key=t\naws_session_token=u\n"
    )
    assert environment_credentials() == Credentials("a", "s%x")
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert environment_credentials() == Credentials("b", "t", "u")
    for name, value in zip(VARIABLES[:3], "cde", strict=True):
        monkeypatch.setenv(name, value)
    assert environment_credentials() == Credentials("c", "d", "e")


def test_a_cosmos_proof_is_that_of_its_documentation() -> None:
    key = base64.b64decode(
        "dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0EndXdDku/dkKBp8/ufDToSxLzR4y+O/0H/t4bQtVNw=="
    )
    proof = proof_of(key, "GET", "dbs", "dbs/ToDoList", "Thu, 27 Apr 2017 00:51:12 GMT")
    assert proof == "type=master&ver=1.0&sig=c09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu+c+c="

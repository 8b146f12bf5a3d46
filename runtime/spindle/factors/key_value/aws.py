"""Requests to AWS: who asks, and the signature that proves it.

Spec: "Signature Version 4 signing process" of AWS's general reference.
"""

from __future__ import annotations

import configparser
import hashlib
import hmac
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit


class Credentials(NamedTuple):
    """Keys, and the token of those that are valid for a while."""

    access_key: str
    secret_key: str
    token: str | None = None


def environment_credentials() -> Credentials | None:
    """Those of AWS's variables, else of its shared files; None if there are none."""
    variables = os.environ.get
    access, secret = variables("AWS_ACCESS_KEY_ID"), variables("AWS_SECRET_ACCESS_KEY")
    if access and secret:
        return Credentials(access, secret, variables("AWS_SESSION_TOKEN"))
    profile = variables("AWS_PROFILE") or "default"
    home = Path.home() / ".aws"
    files = configparser.ConfigParser(interpolation=None, strict=False)
    with suppress(configparser.Error, UnicodeDecodeError):  # as good as none
        files.read(variables("AWS_CONFIG_FILE") or home / "config", "utf-8")
        files.read(variables("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials", "utf-8")
    for section in (profile, f"profile {profile}"):
        found = files[section] if files.has_section(section) else {}
        if "aws_access_key_id" in found and "aws_secret_access_key" in found:
            token = found.get("aws_session_token")
            return Credentials(found["aws_access_key_id"], found["aws_secret_access_key"], token)
    return None


def signed_headers(
    credentials: Credentials,
    service: str,
    region: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime | None = None,
) -> dict[str, str]:
    """The headers of a POST to the root of a service, with its signature."""
    now = now or datetime.now(UTC)
    day, moment = now.strftime("%Y%m%d"), now.strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "host": urlsplit(url).netloc, "x-amz-date": moment}
    if credentials.token:
        sent["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(sent))
    lines = "".join(f"{name}:{sent[name]}\n" for name in sorted(sent))
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{day}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _hmac(key, part)
    signature = _hmac(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}").hex()
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return sent


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")

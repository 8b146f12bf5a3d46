"""Packages of wasm: their versions and their content, from an OCI registry or a folder.

In an OCI registry a package is the repository `[prefix]namespace/name`, its versions are tags, and
a version's wasm is the first layer. A registry may say at a well-known path of its own that its
content is in another. Source: `wasm-pkg-tools`, crate `wasm-pkg-client`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from spindle.errors import HostError, UserError
from spindle.registry.settings import Mapped, Settings, Table
from spindle.registry.store import ALGORITHM
from spindle.registry.web import CHUNK, TIMEOUT, explained

if TYPE_CHECKING:
    from oras.provider import Registry as OciClient
    from requests import Response

METADATA = "/.well-known/wasm-pkg/registry.json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
PAGE = 1000
"""Tags asked for at a time."""


class Content(NamedTuple):
    """A version's wasm: what it must hash to, and its bytes when somebody wants them."""

    digest: str
    chunks: Iterator[bytes]


class Packages(Protocol):
    """Where packages come from."""

    def versions(self, package: str) -> tuple[str, ...]:
        """The versions there are of a package."""

    def content(self, package: str, version: str) -> Content:
        """A version's wasm; it must be there."""


@contextmanager
def open_packages(mapped: Mapped, settings: Settings) -> Iterator[Packages]:
    """What speaks to a registry, for a while.

    Raises `UserError` when its protocol is none of ours.
    """
    kind, chosen = settings.backend(mapped.registry)
    if kind == "local":
        root = chosen.get("root")
        if not isinstance(root, str):
            raise UserError(f"the local registry `{mapped.registry}` has no `root`")
        yield Folder(Path(root).expanduser())
        return
    metadata = mapped.metadata
    if metadata is None:
        metadata = _metadata(mapped.registry, insecure=chosen.get("protocol") == "http")
    if (kind or metadata.get("preferredProtocol") or "oci") != "oci":
        raise UserError(
            f"the registry `{mapped.registry}` speaks a protocol other than OCI",
            hints=("only OCI registries and local folders are supported",),
        )
    client = _client(chosen)
    with client.session:
        yield OciRegistry(mapped.registry, metadata, client)


class Folder(NamedTuple):
    """Packages in a folder: `<root>/<namespace>/<name>/<version>.wasm`."""

    root: Path

    def versions(self, package: str) -> tuple[str, ...]:
        """The versions there are of a package."""
        return tuple(file.stem for file in self._directory(package).glob("*.wasm"))

    def content(self, package: str, version: str) -> Content:
        """A version's wasm."""
        data = (self._directory(package) / f"{version}.wasm").read_bytes()
        return Content(ALGORITHM + hashlib.sha256(data).hexdigest(), iter((data,)))

    def _directory(self, package: str) -> Path:
        namespace, _, name = package.partition(":")
        return self.root / namespace / name


class OciRegistry:
    """Packages in an OCI registry."""

    def __init__(self, registry: str, metadata: Table, client: OciClient) -> None:
        about = metadata.get("oci")
        about = about if isinstance(about, dict) else {}
        host = about.get("registry", metadata.get("ociRegistry"))
        prefix = about.get("namespacePrefix", metadata.get("ociNamespacePrefix"))
        self._host = host if isinstance(host, str) else registry
        self._prefix = prefix if isinstance(prefix, str) else ""
        self._client = client
        client.auth.load_configs(client.get_container(f"{self._host}/{self._prefix}any"))

    def versions(self, package: str) -> tuple[str, ...]:
        """The versions there are of a package, none when the registry doesn't know it."""
        doing = f"listing the versions of `{package}` in {self._host}"
        return tuple(tag for page in self._pages(package, doing) for tag in page)

    def content(self, package: str, version: str) -> Content:
        """A version's wasm."""
        doing = f"fetching `{package}@{version}` from {self._host}"
        with explained(doing), self._get(package, f"manifests/{version}", MANIFEST) as answer:
            answer.raise_for_status()
            manifest = answer.json()
        match manifest:
            case {"layers": [{"digest": str(digest)}, *_]}:
                return Content(digest, self._blob(package, digest, doing))
            case _:
                raise HostError(f"{doing} fails: it holds no wasm")

    def _pages(self, package: str, doing: str) -> Iterator[list[str]]:
        """The tags of a repository; a registry may give them a page at a time."""
        what = f"tags/list?n={PAGE}"
        while what:
            with explained(doing), self._get(package, what) as answer:
                if answer.status_code == 404:
                    return
                answer.raise_for_status()
                yield answer.json().get("tags") or []
                following = answer.links.get("next", {}).get("url", "")
            what = following and "tags/list?" + following.partition("?")[2]

    def _blob(self, package: str, digest: str, doing: str) -> Iterator[bytes]:
        with explained(doing), self._get(package, f"blobs/{digest}") as answer:
            answer.raise_for_status()
            yield from answer.iter_content(CHUNK)

    def _get(self, package: str, what: str, accept: str = "*/*") -> Response:
        path = f"{self._prefix}{package.replace(':', '/')}"
        url = f"{self._client.prefix}://{self._host}/v2/{path}/{what}"
        session, headers = self._client.session, {"Accept": accept}
        answer: Response = session.get(url, headers=headers, stream=True)
        if answer.status_code == 401:
            # The client's own requests try again for minutes when a registry can't be reached.
            headers, changed = self._client.auth.authenticate_request(answer, headers)
            if changed:
                answer = session.get(url, headers=headers, stream=True)
        return answer


def _client(chosen: Table) -> OciClient:
    """A client by a registry's settings; credentials of Docker's file are found by itself."""
    from oras.provider import Registry  # here, for few applications fetch anything

    client = Registry(insecure=chosen.get("protocol") == "http")
    # Left alone it would wait for ever.
    verify = not chosen.get("accept_invalid_certificates")
    client.session.request = partial(client.session.request, timeout=TIMEOUT, verify=verify)
    match chosen.get("auth"):
        case {"username": str(name), "password": str(password)}:
            client.auth.set_basic_auth(name, password)
        case str(encoded):
            import base64

            name, _, password = base64.b64decode(encoded + "==").decode().partition(":")
            client.auth.set_basic_auth(name, password)
    return client


def _metadata(registry: str, *, insecure: bool) -> Table:
    """What a registry says of itself; nothing when it says nothing."""
    import requests

    scheme = "http" if insecure else "https"
    try:
        answer = requests.get(f"{scheme}://{registry}{METADATA}", timeout=TIMEOUT)
        found = json.loads(answer.content) if answer.ok else {}
    except (requests.RequestException, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

"""A real Redis behind TLS."""

import trustme
from tests.services.redis import Redis


class TlsRedis(Redis):
    """Redis that speaks TLS alone; its certificate is for `localhost`, by an authority of ours."""

    authority = trustme.CA()

    @property
    def url(self) -> str:
        return f"rediss://localhost:{self.port}"

    def prepare(self) -> None:
        certificate = self.authority.issue_cert("localhost")
        certificate.cert_chain_pems[0].write_to_path(self.directory / "server.pem")
        certificate.private_key_pem.write_to_path(self.directory / "server.key")
        self.authority.cert_pem.write_to_path(self.directory / "authority.pem")

    def command(self) -> list[str]:
        files = {"cert": "server.pem", "key": "server.key", "ca-cert": "authority.pem"}
        options = [
            text
            for name, file in files.items()
            for text in (f"--tls-{name}-file", str(self.directory / file))
        ]
        ports = ["--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no"]
        return [*super().command(), *options, *ports]

    def check(self) -> None:
        self.ask(b"")

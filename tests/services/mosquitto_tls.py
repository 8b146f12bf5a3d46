"""A real Mosquitto behind TLS."""

import trustme
from tests.services.mosquitto import Mosquitto


class TlsMosquitto(Mosquitto):
    """Mosquitto whose first listener speaks TLS, with a certificate for `localhost`."""

    authority = trustme.CA()

    @property
    def url(self) -> str:
        return f"mqtts://localhost:{self.port}"

    def prepare(self) -> None:
        super().prepare()
        issued = self.authority.issue_cert("localhost")
        certificate, key = self.directory / "server.pem", self.directory / "server.key"
        issued.cert_chain_pems[0].write_to_path(certificate)
        issued.private_key_pem.write_to_path(key)
        for file in (certificate, key):
            file.chmod(0o644)  # the broker may run as another user
        listener = "listener {guarded_port} {host}".format(**vars(self), host=self.host)
        text = self._configuration.read_text()
        tls = f"certfile {certificate}\nkeyfile {key}\n"
        self._configuration.write_text(text.replace(listener, tls + listener))

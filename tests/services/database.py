"""What database servers have in common: a user who shows a password."""

from tests.services.process import Server


class DatabaseServer(Server):
    """A server with a database, and a user of it."""

    scheme: str
    user = "spindle"
    password = "open sesame"
    database: str

    @property
    def url(self) -> str:
        """Its address, with the user and the password."""
        password = self.password.replace(" ", "%20")
        return f"{self.scheme}://{self.user}:{password}@{self.host}:{self.port}/{self.database}"

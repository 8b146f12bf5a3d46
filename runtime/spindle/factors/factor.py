"""What a capability of guests is to a runtime."""

from __future__ import annotations

from collections.abc import Mapping

from spindle.app import App, AppComponent
from spindle.component.host import HostInterface
from spindle.factors.state import InstanceState


class Factor:
    """One capability; what it doesn't need of the phases it leaves as they are here."""

    def init(self) -> Mapping[str, HostInterface]:
        """The interfaces it serves, by name."""
        raise NotImplementedError

    def configure_app(self, app: App) -> None:
        """Check what the application asks of it; raises `UserError`."""

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """Put what the component is granted into the state its instances begin with."""

    async def close(self) -> None:
        """Let go of connections, files and threads; nobody calls it any more."""

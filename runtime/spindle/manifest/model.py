"""A manifest as read: typed and immutable, every element knowing its node in the text.

Elements compare by value, without their places. What the text lacks has its default; a required
value that is missing or wrong has a neutral one, and a diagnostic says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spindle.manifest.element import EMPTY, Element


class RemoteSource(Element):
    """`{ url, digest }`."""

    url: str
    digest: str


class PackageSource(Element):
    """`{ registry?, package, version }`."""

    package: str
    version: str
    registry: str | None = None


Source = str | RemoteSource | PackageSource
"""A string is a path relative to the application directory."""


class Placement(Element):
    """`{ source, destination }` in `files`."""

    source: str
    destination: str


class Build(Element):
    """`[component.x.build]`."""

    command: str | tuple[str, ...]
    workdir: str | None = None
    watch: tuple[str, ...] = ()

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands, one or several."""
        return (self.command,) if isinstance(self.command, str) else self.command


class Dependency(Element):
    """What satisfies an import; the keys that are set say which form it has."""

    version: str | None = None
    package: str | None = None
    registry: str | None = None
    path: str | None = None
    url: str | None = None
    digest: str | None = None
    component: str | None = None
    export: str | None = None
    inherit_configuration: bool | tuple[str, ...] | None = None


class Target(Element):
    """A target environment: a name of the catalogue, a URL or a path."""

    name: str | None = None
    url: str | None = None
    path: str | None = None


class Profile(Element):
    """`[component.x.profile.<name>]`: what a build profile overrides."""

    source: Source | None = None
    environment: Mapping[str, str] = EMPTY
    dependencies: Mapping[str, str | Dependency] = EMPTY
    build: Build | None = None


class Component(Element):
    """`[component.<id>]`."""

    source: Source | None = None
    description: str = ""
    variables: Mapping[str, str] = EMPTY
    environment: Mapping[str, str] = EMPTY
    files: tuple[str | Placement, ...] = ()
    exclude_files: tuple[str, ...] = ()
    allowed_outbound_hosts: tuple[str, ...] = ()
    allowed_http_hosts: tuple[str, ...] = ()
    key_value_stores: tuple[str, ...] = ()
    sqlite_databases: tuple[str, ...] = ()
    ai_models: tuple[str, ...] = ()
    targets: tuple[str | Target, ...] | None = None
    build: Build | None = None
    tool: Mapping[str, object] = EMPTY
    dependencies_inherit_configuration: bool | None = None
    dependencies: Mapping[str, str | Dependency] = EMPTY
    profile: Mapping[str, Profile] = EMPTY


class Trigger(Element):
    """One `[[trigger.<type>]]`; of types without a model of their own `rest` has the settings."""

    id: str = ""
    component: str | Component | None = None
    components: Mapping[str, str | Component | tuple[str | Component, ...]] = EMPTY
    dependencies: Mapping[str, tuple[Dependency, ...]] = EMPTY
    rest: Mapping[str, object] = EMPTY

    @property
    def component_id(self) -> str | None:
        """The id it refers to; None without one or with an inline component."""
        return self.component if isinstance(self.component, str) else None


class PrivateRoute(Element):
    """`route = { private = true }`."""

    private: bool


class Executor(Element):
    """`executor = { type, … }` of an HTTP trigger."""

    type: str
    argv: str | None = None
    entrypoint: str | None = None


class StaticResponse(Element):
    """`[trigger.http.static_response]`."""

    status_code: int = 200
    headers: Mapping[str, str] = EMPTY
    body: str | None = None


class HttpTrigger(Trigger):
    """`[[trigger.http]]`."""

    route: str | PrivateRoute | None = None
    executor: Executor | None = None
    static_response: StaticResponse | None = None


class RedisTrigger(Trigger):
    """`[[trigger.redis]]`."""

    channel: str = ""
    address: str | None = None


class CronTrigger(Trigger):
    """`[[trigger.cron]]`."""

    cron_expression: str = ""


class MqttTrigger(Trigger):
    """`[[trigger.mqtt]]`."""

    topic: str = ""
    qos: str = ""


class Variable(Element):
    """`[variables]` entry."""

    description: str = ""
    required: bool = False
    default: str | None = None
    secret: bool = False


class Application(Element):
    """`[application]`."""

    name: str = ""
    version: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    targets: tuple[str | Target, ...] = ()
    trigger: Mapping[str, Mapping[str, object]] = EMPTY
    tool: Mapping[str, object] = EMPTY


class Manifest(Element):
    """A whole `spin.toml` of version 2."""

    path: Path = Path("spin.toml")
    application: Application = Application()
    variables: Mapping[str, Variable] = EMPTY
    triggers: Mapping[str, tuple[Trigger, ...]] = EMPTY
    """By type, each in the text's order."""
    components: Mapping[str, Component] = EMPTY

    @property
    def all_triggers(self) -> tuple[tuple[str, Trigger], ...]:
        """Every trigger with its type, type by type."""
        return tuple((kind, trigger) for kind, many in self.triggers.items() for trigger in many)

"""A manifest as read: typed and immutable, every element knowing its node in the text.

Elements compare by value, without their places. What the text lacks has its default; a required
value that is missing or wrong has a neutral one, and a diagnostic says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from spindle.manifest.tree import Node
from spindle.text import START, Span

_NOWHERE = Node({}, START)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Something read from a table."""

    node: Node = field(default=_NOWHERE, repr=False, compare=False)

    def at(self, *path: str | int) -> Span:
        """Where a value inside stands, or what is nearest to where it should."""
        return self.node.at(*path)

    def key_at(self, *path: str | int) -> Span:
        """Where the key of a value inside stands."""
        return self.node.key_at(*path)

    def texts(self, *path: str | int) -> Iterator[tuple[str, Span]]:
        """The strings of an array inside, each with where it stands."""
        node = self.node.get(*path)
        for item in (node.array if node is not None else None) or ():
            if isinstance(item.value, str):
                yield item.value, item.span


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSource(Element):
    """`{ url, digest }`."""

    url: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSource(Element):
    """`{ registry?, package, version }`."""

    package: str
    version: str
    registry: str | None = None


Source = str | RemoteSource | PackageSource
"""A string is a path relative to the application directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement(Element):
    """`{ source, destination }` in `files`."""

    source: str
    destination: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Build(Element):
    """`[component.x.build]`."""

    command: str | tuple[str, ...]
    workdir: str | None = None
    watch: tuple[str, ...] = ()

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands, one or several."""
        return (self.command,) if isinstance(self.command, str) else self.command


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Element):
    """A target environment: a name of the catalogue, a URL or a path."""

    name: str | None = None
    url: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Element):
    """`[component.x.profile.<name>]`: what a build profile overrides."""

    source: Source | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    dependencies: Mapping[str, str | Dependency] = field(default_factory=dict)
    build: Build | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(Element):
    """`[component.<id>]`."""

    source: Source | None = None
    description: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str | Placement, ...] = ()
    exclude_files: tuple[str, ...] = ()
    allowed_outbound_hosts: tuple[str, ...] = ()
    allowed_http_hosts: tuple[str, ...] = ()
    key_value_stores: tuple[str, ...] = ()
    sqlite_databases: tuple[str, ...] = ()
    ai_models: tuple[str, ...] = ()
    targets: tuple[str | Target, ...] | None = None
    build: Build | None = None
    tool: Mapping[str, object] = field(default_factory=dict)
    dependencies_inherit_configuration: bool | None = None
    dependencies: Mapping[str, str | Dependency] = field(default_factory=dict)
    profile: Mapping[str, Profile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(Element):
    """One `[[trigger.<type>]]`; of types without a model of their own `rest` has the settings."""

    id: str = ""
    component: str | Component | None = None
    components: Mapping[str, str | Component | tuple[str | Component, ...]] = field(
        default_factory=dict
    )
    dependencies: Mapping[str, tuple[Dependency, ...]] = field(default_factory=dict)
    rest: Mapping[str, object] = field(default_factory=dict)

    @property
    def component_id(self) -> str | None:
        """The id it refers to; None without one or with an inline component."""
        return self.component if isinstance(self.component, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateRoute(Element):
    """`route = { private = true }`."""

    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor(Element):
    """`executor = { type, … }` of an HTTP trigger."""

    type: str
    argv: str | None = None
    entrypoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticResponse(Element):
    """`[trigger.http.static_response]`."""

    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTrigger(Trigger):
    """`[[trigger.http]]`."""

    route: str | PrivateRoute | None = None
    executor: Executor | None = None
    static_response: StaticResponse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisTrigger(Trigger):
    """`[[trigger.redis]]`."""

    channel: str = ""
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Element):
    """`[variables]` entry."""

    description: str = ""
    required: bool = False
    default: str | None = None
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(Element):
    """`[application]`."""

    name: str = ""
    version: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    targets: tuple[str | Target, ...] = ()
    trigger: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    tool: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Element):
    """A whole `spin.toml` of version 2."""

    path: Path = Path("spin.toml")
    application: Application = Application()
    variables: Mapping[str, Variable] = field(default_factory=dict)
    triggers: Mapping[str, tuple[Trigger, ...]] = field(default_factory=dict)
    """By type, each in the text's order."""
    components: Mapping[str, Component] = field(default_factory=dict)

    @property
    def all_triggers(self) -> tuple[tuple[str, Trigger], ...]:
        """Every trigger with its type, type by type."""
        return tuple((kind, trigger) for kind, many in self.triggers.items() for trigger in many)

"""The application as the host runs it: resolved, typed, immutable and picklable.

An `App` holds no text positions and no engine objects: paths exist, references lead somewhere,
profiles and inline components are already applied. Templates (`{{ name }}`) stay as text, because
their variables are resolved when a factor asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from spindle.routes import Route

Settings = Mapping[str, object]
"""A TOML table as plain values, for what Spindle leaves to others to interpret."""

NO_SETTINGS: Settings = {}


class Variable(NamedTuple):
    """One of the application's variables; without a default it must come from a provider."""

    name: str
    default: str | None = None
    secret: bool = False
    description: str = ""


class LocalSource(NamedTuple):
    """A component's wasm in a file."""

    path: Path


class HttpSource(NamedTuple):
    """A component's wasm behind a URL; `digest` is `sha256:` and 64 hex digits."""

    url: str
    digest: str


class RegistrySource(NamedTuple):
    """A component's wasm in a package registry; no registry means the configured default."""

    package: str
    version: str
    registry: str | None = None


Source = LocalSource | HttpSource | RegistrySource


class Mount(NamedTuple):
    """A file or directory of the host that a guest sees."""

    guest_path: str
    """Absolute, `/`-separated, without a trailing slash unless it is the root."""
    host_path: Path
    """Absolute; inside the application directory."""
    is_dir: bool


class Build(NamedTuple):
    """How a component's wasm comes about: shell commands run one after another in `workdir`."""

    commands: tuple[str, ...]
    workdir: Path
    """Absolute."""
    watch: tuple[str, ...] = ()
    """Globs relative to `workdir`."""


class Dependency(NamedTuple):
    """What satisfies an import of a component, before it is fetched and composed."""

    name: str
    """The import as the manifest names it: `ns:package[/interface][@version]` or a plain name."""
    source: Source
    export: str | None = None
    inherit: bool | tuple[str, ...] = False
    """Which of the parent's grants the dependency gets: all, none, or those named."""


class Module(NamedTuple):
    """One module of an interpreted language, as its source."""

    name: str
    """As it is imported, dotted."""
    path: str
    """As stacks name its file."""
    is_package: bool
    source: bytes

    @property
    def key(self) -> tuple[str, str, bytes]:
        """What makes its compiled code what it is."""
        return self.name, self.path, self.source


@dataclass(frozen=True, slots=True)
class Sources:
    """What a development build of a component, which has an interpreter alone, is to run.

    Two with the same digest are the same.
    """

    app: str
    """The name of the module that is the application."""
    digest: str
    modules: tuple[Module, ...] = field(default=(), repr=False, compare=False)
    compiled: dict[tuple[str, str, bytes], bytes] = field(
        default_factory=dict, repr=False, compare=False
    )
    """The code of modules by their keys, as far as a guest has compiled them."""


class AppComponent(NamedTuple):
    """A Spin component: some wasm and everything the manifest grants it."""

    id: str
    source: Source
    description: str = ""
    environment: Mapping[str, str] = {}
    variables: Mapping[str, str] = {}
    """Templates over the application's variables."""
    mounts: tuple[Mount, ...] = ()
    allowed_outbound_hosts: tuple[str, ...] = ()
    """Templates; their grammar is `spindle.outbound_hosts`."""
    key_value_stores: tuple[str, ...] = ()
    sqlite_databases: tuple[str, ...] = ()
    ai_models: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    build: Build | None = None
    tool: Settings = NO_SETTINGS
    """`[component.X.tool]`; Spindle's own settings are under `spindle`."""
    sources: Sources | None = None
    """What each of its instances is given before its first call; None if its wasm has all."""

    def granting(self, dependency: Dependency) -> AppComponent:
        """This component with only those of its grants that a dependency inherits."""
        if dependency.inherit is True:
            return self
        kept = dependency.inherit or ()
        none = {field: self._field_defaults[field] for name, field in GRANTS if name not in kept}
        return self._replace(**none)


GRANTS = (
    ("ai_models", "ai_models"),
    ("allowed_outbound_hosts", "allowed_outbound_hosts"),
    ("environment", "environment"),
    ("files", "mounts"),
    ("key_value_stores", "key_value_stores"),
    ("sqlite_databases", "sqlite_databases"),
    ("variables", "variables"),
)
"""What a dependency can inherit, by the manifest's name, and which field has it."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something that makes a component run; triggers Spindle has no type for stay this one."""

    id: str
    type: str
    component: str | None
    """The component's id; None only where the trigger answers by itself."""
    config: Settings = field(default_factory=dict)
    """The keys of the trigger's table other than `id`, `component` and `dependencies`."""
    middleware: tuple[Dependency, ...] = ()
    """Components the trigger's calls pass through, outermost first."""


@dataclass(frozen=True, slots=True)
class HttpExecutor:
    """The guest exports an HTTP handler; which one is seen from its exports."""


class WagiExecutor(NamedTuple):
    """The guest is a CGI-like command."""

    argv: str = "${SCRIPT_NAME} ${ARGS}"
    """Arguments, separated by single spaces; `${SCRIPT_NAME}` and `${ARGS}` are filled in."""


Executor = HttpExecutor | WagiExecutor


class StaticResponse(NamedTuple):
    """What the host answers without a guest."""

    status_code: int = 200
    headers: Mapping[str, str] = {}
    body: str | None = None


@dataclass(frozen=True, slots=True)
class HttpTrigger(Trigger):
    """`[[trigger.http]]`: exactly one of `component` and `static_response` is set."""

    route: Route | None = None
    """None for a private endpoint, which only other components reach."""
    executor: Executor = HttpExecutor()
    static_response: StaticResponse | None = None


@dataclass(frozen=True, slots=True)
class RedisTrigger(Trigger):
    """`[[trigger.redis]]`: messages of one channel."""

    channel: str = ""
    """A template."""
    address: str | None = None
    """A template; without one `[application.trigger.redis]` says it."""


@dataclass(frozen=True, slots=True)
class CronTrigger(Trigger):
    """`[[trigger.cron]]`: moments of a schedule."""

    cron_expression: str = ""
    """In the grammar of `spindle.schedule`."""


@dataclass(frozen=True, slots=True)
class MqttTrigger(Trigger):
    """`[[trigger.mqtt]]`: messages of the topics that a filter matches."""

    topic: str = ""
    """A template."""
    qos: str = ""
    """`0`, `1` or `2`."""


class App(NamedTuple):
    """One Spin application."""

    name: str
    root: Path
    """The application directory, absolute: the manifest's, or the wasm file's."""
    manifest_path: Path | None = None
    """None for a bare wasm file."""
    version: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    variables: Mapping[str, Variable] = {}
    components: Mapping[str, AppComponent] = {}
    """By id, in the manifest's order."""
    triggers: tuple[Trigger, ...] = ()
    """In the manifest's order."""
    trigger_settings: Mapping[str, Settings] = {}
    """`[application.trigger.<type>]` by type."""
    tool: Settings = NO_SETTINGS
    """`[application.tool]`; Spindle's own settings are under `spindle`."""
    profile: str | None = None

    @property
    def http_triggers(self) -> Iterator[HttpTrigger]:
        """The HTTP triggers, in the manifest's order."""
        return (trigger for trigger in self.triggers if isinstance(trigger, HttpTrigger))

    @property
    def redis_triggers(self) -> Iterator[RedisTrigger]:
        """The Redis triggers, in the manifest's order."""
        return (trigger for trigger in self.triggers if isinstance(trigger, RedisTrigger))

    def triggers_of(self, type: str) -> tuple[Trigger, ...]:
        """The triggers of a type, in the manifest's order."""
        return tuple(trigger for trigger in self.triggers if trigger.type == type)

    @property
    def sources(self) -> Iterator[Source]:
        """Where all of its wasm is; the same place perhaps several times."""
        for component in self.components.values():
            yield component.source
            yield from (dependency.source for dependency in component.dependencies)
        for trigger in self.triggers:
            yield from (dependency.source for dependency in trigger.middleware)

    @property
    def is_local(self) -> bool:
        """Whether all of its wasm is in files on this machine."""
        return all(isinstance(source, LocalSource) for source in self.sources)

    def middleware_of(self, component: str) -> tuple[Dependency, ...]:
        """What is put around a component, outermost first: its triggers agree on that."""
        around = (trigger.middleware for trigger in self.triggers if trigger.component == component)
        return next(around, ())

    @property
    def trigger_types(self) -> tuple[str, ...]:
        """Each trigger type in use, once, in the manifest's order."""
        return tuple(dict.fromkeys(trigger.type for trigger in self.triggers))

    @property
    def state_dir(self) -> Path:
        """Where databases and logs go unless told otherwise."""
        return self.root / ".spin"

"""What a host's methods answer, as values.

Each is made from the document of the same shape (`docs/reference/control.md`). What a host says
beyond that is left out, and what an older one does not say has its default.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from spindle.exchange import Summary, bytes_of

Document = dict[str, Any]
"""A JSON object, such as an exchange."""


T = TypeVar("T")


def _made(kind: Callable[..., T], document: Mapping[str, Any], **made: Any) -> T:
    """A value of what a document says; `made` are the fields that are no plain JSON."""
    names: tuple[str, ...] = vars(kind)["__match_args__"]
    known = {name: document[name] for name in names if name in document}
    return kind(**{**known, **made})


@dataclass(frozen=True, slots=True)
class AppName:
    """What an application calls itself."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class HostInfo:
    """A host about itself."""

    pid: int
    app: AppName
    manifest: str
    """The absolute path of the manifest, or of the bare wasm file."""
    base_url: str | None
    """None for an application without HTTP triggers."""
    started_at: float
    """Seconds since the epoch."""
    uptime: float
    """Seconds."""
    connections: int
    """HTTP connections that are open."""
    state: str | None = None
    """The directory where databases and logs are; None if nothing is kept."""
    store: str | None = None
    """The path of the exchange store; None if exchanges are not kept."""
    recording: bool = False
    """Whether host calls are recorded so that they can be answered again."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return _made(cls, document, app=_made(AppName, document["app"]))


@dataclass(frozen=True, slots=True)
class RouteInfo:
    """One route, in the order in which routes are tried."""

    id: str
    """The trigger's."""
    route: str
    """Without its final wildcard."""
    wildcard: bool
    component: str | None = None
    """None where the host answers by itself."""
    executor: str | None = None
    """`http` or `wagi`; None where the host answers by itself."""

    @property
    def pattern(self) -> str:
        """As a person writes it."""
        return f"{self.route.rstrip('/')}/..." if self.wildcard else self.route


@dataclass(frozen=True, slots=True)
class RouteTry:
    """What came of trying one route."""

    id: str
    route: str
    matches: bool
    why: str
    """A sentence."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Where a URL would go."""

    matched: str | None
    """The id of the trigger that gets it; None if the host answers by itself, perhaps with 404."""
    route: str | None
    component: str | None
    why: str
    """A sentence."""
    params: Mapping[str, str]
    """What the route's `:name`s capture."""
    path_info: str
    """What the route's wildcard takes."""
    headers: tuple[tuple[str, str], ...]
    """The headers that Spin's routing adds to the request."""
    tried: tuple[RouteTry, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return _made(
            cls,
            document,
            headers=tuple((name, value) for name, value in document["headers"]),
            tried=tuple(_made(RouteTry, each) for each in document["tried"]),
        )


@dataclass(frozen=True, slots=True)
class Grants:
    """What a component may do, as the manifest has it."""

    key_value_stores: Sequence[str] = ()
    sqlite_databases: Sequence[str] = ()
    allowed_outbound_hosts: Sequence[str] = ()
    files: Sequence[str] = ()
    """Guest paths."""
    variables: Sequence[str] = ()
    """Names; values are never told."""
    ai_models: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class InstanceInfo:
    """One live instance."""

    number: int
    """Counted from 1 since the host began."""
    busy: int
    """Calls it is serving."""
    requests: int
    """Calls it has been given."""
    memory: int
    """Bytes of its linear memories."""
    idle: float
    """Seconds since it last served something; 0 while it is busy."""


@dataclass(frozen=True, slots=True)
class ComponentInfo:
    """One component of the application."""

    id: str
    description: str
    source: str
    """A path, a URL or a package."""
    build: str | None
    """The id of the build that answers; None until it is loaded."""
    stale: bool
    """Whether newer sources can't be built, or newer wasm can't be served."""
    imports: Sequence[str]
    exports: Sequence[str]
    grants: Grants
    dependencies: Sequence[str]
    instances: tuple[InstanceInfo, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        instances = tuple(_made(InstanceInfo, each) for each in document["instances"])
        return _made(cls, document, grants=_made(Grants, document["grants"]), instances=instances)


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What came of building one component."""

    id: str
    ok: bool
    fresh: bool
    """Whether nothing had to be done."""
    took: float
    """Seconds."""
    reason: str
    """What went wrong, as a sentence; empty if nothing did."""
    diagnostics: Sequence[Document]
    """What compilers said of places."""
    output: Sequence[str]
    """The last lines that were written."""


@dataclass(frozen=True, slots=True)
class BuildState:
    """How one component stands to its sources."""

    id: str
    state: str
    """`fresh`, `building`, `failed`, `stale`, `instant` or `none`."""
    since: float | None
    """Seconds since the epoch."""
    took: float | None
    """Seconds the last build took."""
    reason: str
    output: Sequence[str]
    diagnostics: Sequence[Document]


@dataclass(frozen=True, slots=True)
class BuildStatus:
    """How the application stands to its sources."""

    watching: bool
    """Whether saved files are built and served."""
    components: tuple[BuildState, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        states = tuple(_made(BuildState, each) for each in document["components"])
        return _made(cls, document, components=states)


@dataclass(frozen=True, slots=True)
class Page:
    """Some exchanges, newest first."""

    exchanges: tuple[Summary, ...]
    more: str | None
    """What to ask for the next page `before`; None if this is the last."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return _made(cls, document, exchanges=tuple(map(summary_from, document["exchanges"])))


@dataclass(frozen=True, slots=True)
class BodyPart:
    """Some bytes of a body that was kept."""

    data: bytes
    offset: int
    kept: int
    """Bytes that are kept in all."""
    size: int
    """Bytes there were."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return _made(cls, document, data=bytes_of(document))


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two exchanges are not the same."""

    part: str
    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to."""

    exchange: Document
    differences: tuple[Difference, ...]
    """From the exchange that was replayed."""
    notes: Sequence[str] = ()
    """What should be known to judge it."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return _made(cls, document, differences=differences_of(document["differences"]))


@dataclass(frozen=True, slots=True)
class Fired:
    """What came of firing a trigger by hand."""

    exchanges: Sequence[Document]
    response: Document | None = None
    """`{status, headers, body, error}`, for HTTP."""


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Some keys of a store."""

    keys: Sequence[str]
    cursor: str | None
    """What to ask on with; None if this is all."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """What one statement answered."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    """Blobs are `bytes`, infinite numbers `float`."""
    count: int
    """Rows there are."""
    counted: bool
    """Whether `count` is all, or there are more."""
    changes: int | None
    """Rows it changed; None for statements that change none."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        rows = [[_sql_value(value) for value in row] for row in document["rows"]]
        return _made(cls, document, rows=rows)


@dataclass(frozen=True, slots=True)
class HostStats:
    """The host's process, and all it did since it began."""

    uptime: float
    """Seconds."""
    rss: int
    """Bytes of memory in use; 0 where the system does not say."""
    cpu_seconds: float
    requests: int
    errors: int
    connections: int


@dataclass(frozen=True, slots=True)
class RouteStats:
    """What one trigger did; times in microseconds."""

    id: str
    route: str
    component: str | None
    count: int
    errors: int
    """Traps and server errors."""
    rate: float
    """A second, over the last ten."""
    p50: float | None
    """None until there is something to count."""
    p90: float | None
    p99: float | None
    max: float | None
    histogram: tuple[tuple[float, int], ...]
    """How many took up to so long, ascending: `(upper bound, count)`, empty ones left out."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        histogram = tuple((bound, count) for bound, count in document["histogram"])
        return _made(cls, document, histogram=histogram)


@dataclass(frozen=True, slots=True)
class ComponentStats:
    """What one component did; times in microseconds."""

    id: str
    count: int
    errors: int
    rate: float
    p50: float | None
    p99: float | None
    instances: int
    memory: int
    """Bytes of the linear memories of its instances."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What a host has counted."""

    at: float
    """Seconds since the epoch."""
    host: HostStats
    routes: tuple[RouteStats, ...]
    components: tuple[ComponentStats, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            document["at"],
            _made(HostStats, document["host"]),
            tuple(map(RouteStats.of, document["routes"])),
            tuple(_made(ComponentStats, each) for each in document["components"]),
        )


def summary_from(document: Mapping[str, Any]) -> Summary:
    """A summary from its JSON form."""
    return _made(Summary, document)


def routes_of(documents: Sequence[Mapping[str, Any]]) -> tuple[RouteInfo, ...]:
    """Routes from their JSON form."""
    return tuple(_made(RouteInfo, each) for each in documents)


def builds_of(document: Mapping[str, Any]) -> tuple[BuildResult, ...]:
    """What came of a build, by component."""
    return tuple(_made(BuildResult, each) for each in document["components"])


def differences_of(documents: Sequence[Mapping[str, Any]]) -> tuple[Difference, ...]:
    """Differences from their JSON form."""
    return tuple(_made(Difference, each) for each in documents)


def fired_of(document: Mapping[str, Any]) -> Fired:
    """What came of firing, from its JSON form."""
    return _made(Fired, document)


def keys_of(document: Mapping[str, Any]) -> KeyPage:
    """Keys from their JSON form."""
    return _made(KeyPage, document)


def payload_of(data: bytes | str) -> Document:
    """The JSON form of bytes: text where they are UTF-8, else base64."""
    if isinstance(data, str):
        return {"encoding": "utf-8", "data": data}
    try:
        return {"encoding": "utf-8", "data": data.decode()}
    except UnicodeDecodeError:
        return {"encoding": "base64", "data": base64.b64encode(data).decode()}


def _sql_value(value: Any) -> Any:
    match value:
        case {"blob": str(text)}:
            return base64.b64decode(text)
        case {"real": str(text)}:
            return float(text)
    return value

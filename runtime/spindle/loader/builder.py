"""From a canonical manifest to the application: references followed, paths made absolute."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from spindle import app
from spindle.checks import is_file, is_there
from spindle.diagnostics import Diagnostic, Fix, Severity
from spindle.loader.mounts import MountResolver
from spindle.manifest import model
from spindle.manifest.edits import reference
from spindle.outbound_hosts import OutboundHostError, parse_http_host
from spindle.routes import Route, RouteError, parse_route
from spindle.text import Span, nearest_name


@dataclass(slots=True, eq=False)
class Builder:
    """Builds one application; what it can't build it reports and leaves out."""

    manifest: model.Manifest
    root: Path
    profile: str | None = None
    direct_mounts: bool = False
    check_files: bool = True
    """Whether sources and files must exist; otherwise nothing is mounted."""
    environment: Mapping[str, str] = field(default_factory=dict)
    unbuilt: Collection[str] = ()
    """Components whose source need not exist."""
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def build(self) -> app.App:
        """The application; good only if there were no errors."""
        details = self.manifest.application
        return app.App(
            name=details.name,
            root=self.root,
            manifest_path=self.manifest.path,
            version=details.version,
            description=details.description,
            authors=details.authors,
            variables={n: _variable(n, v) for n, v in self.manifest.variables.items()},
            components=dict(self._components()),
            triggers=tuple(self._triggers()),
            trigger_settings=details.trigger,
            tool=details.tool,
            profile=self.profile,
        )

    def _components(self) -> Iterator[tuple[str, app.AppComponent]]:
        for id_, component in self.manifest.components.items():
            source = self._source(id_, component)
            if source is not None:
                yield id_, self._component(id_, component, source)

    def _component(
        self, id_: str, component: model.Component, source: app.Source
    ) -> app.AppComponent:
        return app.AppComponent(
            id=id_,
            source=source,
            description=component.description,
            environment={**component.environment, **self.environment},
            variables=component.variables,
            mounts=self._mounts(component),
            allowed_outbound_hosts=(
                *component.allowed_outbound_hosts,
                *_http_hosts(component.allowed_http_hosts),
            ),
            key_value_stores=component.key_value_stores,
            sqlite_databases=component.sqlite_databases,
            ai_models=component.ai_models,
            dependencies=tuple(self._dependencies(component.dependencies)),
            build=None if component.build is None else self._build(component.build),
            tool=component.tool,
        )

    def _source(self, id_: str, component: model.Component) -> app.Source | None:
        match component.source:
            case str(text):
                path = self.root / text
                checked = self.check_files and id_ not in self.unbuilt
                if checked and not is_file(path):
                    self._missing_source(id_, component, path)
                return app.LocalSource(path)
            case model.RemoteSource(url=url, digest=digest):
                return app.HttpSource(url, digest)
            case model.PackageSource(package=package, version=version, registry=registry):
                return app.RegistrySource(package, version, registry)
            case None:
                return None

    def _missing_source(self, id_: str, component: model.Component, path: Path) -> None:
        if is_there(path):
            message = f'the source of component `{id_}`, "{component.source}", is not a file'
            help_text = "name the wasm file itself"
        else:
            message = f'the source of component `{id_}`, "{component.source}", does not exist'
            help_text = "check the path; the component has no build command that could make it"
            if component.build is not None:
                help_text = "run `spindle build`"
        self._report("missing-source", message, component.at("source"), help_text)

    def _mounts(self, component: model.Component) -> tuple[app.Mount, ...]:
        if not self.check_files or not component.files:
            return ()
        resolver = MountResolver(self.root, self.manifest.path, component, self.direct_mounts)
        mounts = resolver.mounts()
        self.diagnostics += resolver.diagnostics
        return mounts

    def _build(self, build: model.Build) -> app.Build:
        workdir = Path(build.workdir or "")
        if workdir.is_absolute():
            message = "The workdir specified in the application file must be relative"
            help_text = "write it relative to the application directory"
            self._report("absolute-workdir", message, build.at("workdir"), help_text)
        return app.Build(build.commands, self.root / workdir, build.watch)

    def _dependencies(
        self, dependencies: Mapping[str, str | model.Dependency]
    ) -> Iterator[app.Dependency]:
        for name, dependency in dependencies.items():
            if isinstance(dependency, model.Dependency):
                yield self._dependency(name, dependency)

    def _dependency(self, name: str, dependency: model.Dependency) -> app.Dependency:
        inherit = dependency.inherit_configuration
        return app.Dependency(
            name=name,
            source=self._dependency_source(name, dependency),
            export=dependency.export,
            inherit=False if inherit is None else inherit,
        )

    def _dependency_source(self, name: str, dependency: model.Dependency) -> app.Source:
        if dependency.path is not None:
            path = self.root / dependency.path
            if self.check_files and not is_file(path):
                message = f'the dependency `{name}`, "{dependency.path}", is not a file'
                self._report("missing-source", message, dependency.at("path"), "check the path")
        return dependency_source(self.root, name, dependency)

    def _triggers(self) -> Iterator[app.Trigger]:
        for kind, trigger in self.manifest.all_triggers:
            built = self._trigger(kind, trigger)
            if self._component_exists(trigger) and built is not None:
                yield built

    def _component_exists(self, trigger: model.Trigger) -> bool:
        id_ = trigger.component_id
        if id_ is None or id_ in self.manifest.components:
            return True
        near = nearest_name(id_, self.manifest.components)
        help_text = f"did you mean `{near}`?" if near else f"add a `[component.{id_}]` table"
        message = f'no such component "{id_}"'
        span = trigger.at("component")
        fix = reference(self.manifest.path, span, near) if near else None
        self._report("undefined-component", message, span, help_text, fix)
        return False

    def _trigger(self, kind: str, trigger: model.Trigger) -> app.Trigger | None:
        middleware = tuple(
            self._dependency(_middleware_name(dependency), dependency)
            for dependency in trigger.dependencies.get("middleware", ())
        )
        common: Any = {
            "id": trigger.id,
            "type": kind,
            "component": trigger.component_id,
            "middleware": middleware,
        }
        match trigger:
            case model.HttpTrigger():
                return self._http(trigger, middleware)
            case model.RedisTrigger(channel=channel, address=address):
                return app.RedisTrigger(**common, channel=channel, address=address)
            case model.CronTrigger(cron_expression=expression):
                return app.CronTrigger(**common, cron_expression=expression)
            case model.MqttTrigger(topic=topic, qos=qos):
                return app.MqttTrigger(**common, topic=topic, qos=qos)
            case _:
                return app.Trigger(**common, config=trigger.rest)

    def _http(
        self, trigger: model.HttpTrigger, middleware: tuple[app.Dependency, ...]
    ) -> app.HttpTrigger | None:
        given = [key for key in _HANDLERS if trigger.node.get(key) is not None]
        if len(given) != 1:
            which = "both" if given else "neither"
            message = (
                "Triggers must specify either component or static_response - "
                f"{trigger.id} has {which}"
            )
            help_text = "remove one of them" if given else "add `component`, or `static_response`"
            span = trigger.node.span
            self._report("component-or-static-response", message, span, help_text)
            return None
        return app.HttpTrigger(
            trigger.id,
            "http",
            trigger.component_id,
            middleware=middleware,
            route=self._route(trigger),
            executor=self._executor(trigger),
            static_response=self._static_response(trigger.static_response),
        )

    def _route(self, trigger: model.HttpTrigger) -> Route | None:
        owner = trigger.component_id or trigger.id
        if isinstance(trigger.route, model.PrivateRoute):
            if not trigger.route.private:
                message = (
                    "route must be a string pattern or '{ private = true }': "
                    f"'{owner}' has {{ private = false }}"
                )
                help_text = "write `{ private = true }`, or a route"
                self._report("invalid-route", message, trigger.at("route"), help_text)
            return None
        if trigger.route is None:
            return None
        try:
            return parse_route(trigger.route)
        except RouteError as error:
            message = (
                f"Error parsing route {trigger.route} associated with component {owner}: {error}"
            )
            help_text = "name params (`/:name`); a wildcard is `/...` at the end"
            self._report("invalid-route", message, trigger.at("route"), help_text)
            return None

    def _executor(self, trigger: model.HttpTrigger) -> app.Executor:
        executor = trigger.executor
        if executor is None or executor.type != "wagi":
            return app.HttpExecutor()
        if executor.entrypoint not in (None, "_start"):
            message = (
                f"Wagi component '{trigger.component_id}' cannot use deprecated 'entrypoint' field"
            )
            help_text = "remove it, and export the usual `_start`"
            self._report("wagi-entrypoint", message, executor.at("entrypoint"), help_text)
        return app.WagiExecutor() if executor.argv is None else app.WagiExecutor(executor.argv)

    def _static_response(self, response: model.StaticResponse | None) -> app.StaticResponse | None:
        if response is None:
            return None
        return app.StaticResponse(response.status_code, response.headers, response.body)

    def _report(
        self, code: str, message: str, span: Span, help: str | None = None, fix: Fix | None = None
    ) -> None:
        self.diagnostics.append(
            Diagnostic(code, Severity.ERROR, message, self.manifest.path, span, help=help, fix=fix)
        )


def _middleware_name(dependency: model.Dependency) -> str:
    """What to call a component that the manifest gives no name as a dependency."""
    component = dependency.node.get("component")
    if component is not None:
        return str(component.value)
    where = dependency.path or dependency.url or ""
    return dependency.package or PurePosixPath(where).stem or "middleware"


_HANDLERS = ("component", "static_response")


def _variable(name: str, variable: model.Variable) -> app.Variable:
    return app.Variable(name, variable.default, variable.secret, variable.description)


def dependency_source(root: Path, name: str, dependency: model.Dependency) -> app.Source:
    """Where a dependency's wasm comes from; `root` is the application directory."""
    if dependency.path is not None:
        return app.LocalSource(root / dependency.path)
    if dependency.url is not None:
        return app.HttpSource(dependency.url, dependency.digest or "")
    package = dependency.package or name.partition("@")[0].partition("/")[0]
    return app.RegistrySource(package, dependency.version or "", dependency.registry)


def _http_hosts(hosts: Iterable[str]) -> Iterator[str]:
    """The well-formed ones of the deprecated key, as patterns of the key that replaces it."""
    for host in hosts:
        try:
            yield from parse_http_host(host)
        except OutboundHostError:
            continue

"""The schema of `spin.toml`, version 2: every key, its type and what it is for."""

from __future__ import annotations

from spindle.manifest import ids, model
from spindle.manifest.edits import quoted
from spindle.manifest.schema import (
    AnyTable,
    Anything,
    Array,
    Boolean,
    Choice,
    Integer,
    Key,
    Map,
    Record,
    Tagged,
    Text,
)

TEXT = Text()
TEXTS = Array(TEXT)
BOOLEAN = Boolean()
COMPONENT_ID = Text(ids.COMPONENT_ID)
DIGEST_BY_OTHER_NAMES = {"sha256": "digest", "hash": "digest", "checksum": "digest"}

_REMOTE = (
    Key("url", TEXT, "The URL to fetch the wasm from.", required=True),
    Key(
        "digest",
        Text(ids.DIGEST),
        "What the fetched bytes must hash to: `sha256:` and 64 hexadecimal digits.",
        required=True,
    ),
)
_REGISTRY = Key("registry", TEXT, "The registry's host; without it the configured default is used.")

SOURCE = Choice(
    (
        TEXT,
        Record(
            "source",
            _REMOTE,
            model.RemoteSource,
            "Wasm behind a URL.",
            mistaken=DIGEST_BY_OTHER_NAMES,
        ),
        Record(
            "source",
            (
                _REGISTRY,
                Key(
                    "package",
                    Text(ids.PACKAGE_NAME),
                    "The package's name, `namespace:name`.",
                    required=True,
                ),
                Key(
                    "version",
                    Text(ids.EXACT_VERSION),
                    "The package's exact version.",
                    required=True,
                ),
            ),
            model.PackageSource,
            "Wasm in a package registry.",
        ),
    ),
    "a path, `{ url, digest }` or `{ registry, package, version }`",
)

FILES = Choice(
    (
        TEXT,
        Record(
            "files",
            (
                Key(
                    "source",
                    TEXT,
                    "A file or directory, relative to the application directory.",
                    required=True,
                ),
                Key("destination", TEXT, "Where the guest sees it.", required=True),
            ),
            model.Placement,
            "A file or directory placed elsewhere in the guest's file system.",
        ),
    ),
    "a glob pattern or `{ source, destination }`",
)

TARGET = Choice(
    (
        TEXT,
        Record("target", (Key("url", TEXT, "URL of a definition.", required=True),), model.Target),
        Record("target", (Key("path", TEXT, "A definition's file.", required=True),), model.Target),
    ),
    "a name, `{ url }` or `{ path }`",
)

COMMAND = Choice((TEXT, TEXTS), "a command or an array of commands")

BUILD = Record(
    "build",
    (
        Key(
            "command",
            COMMAND,
            "The shell command that builds the component; of several, each runs after the other.",
            required=True,
        ),
        Key("workdir", TEXT, "Where it runs, relative to the application directory."),
        Key(
            "watch",
            TEXTS,
            "Globs, relative to `workdir`, of the files whose change asks for a new build.",
        ),
    ),
    model.Build,
    "How the component is built.",
)

PROFILE_BUILD = Record("build", BUILD.keys[:1], model.Build, "How the profile builds it.")

INHERIT = Key(
    "inherit_configuration",
    Choice((BOOLEAN, TEXTS), "a boolean or an array of strings"),
    "Which of the component's grants its dependency gets: all, none, or those named.",
)
_EXPORT = Key("export", TEXT, "The export of the dependency that satisfies the import.")
_VERSION = Key("version", TEXT, "A semantic version requirement.", required=True)
_PATH = Key("path", TEXT, "A wasm file, relative to the application directory.", required=True)
_APP_COMPONENT = Key(
    "component", COMPONENT_ID, "The id of a component of this application.", required=True
)


def _dependency(*keys: Key) -> Record:
    return Record("dependency", (*keys, INHERIT), model.Dependency, mistaken=DIGEST_BY_OTHER_NAMES)


_PACKAGE_DOC = "The package, when it isn't the one the dependency is named after."
DEPENDENCY = Choice(
    (
        TEXT,
        _dependency(
            _VERSION, _REGISTRY, Key("package", Text(ids.PACKAGE_NAME), _PACKAGE_DOC), _EXPORT
        ),
        _dependency(_PATH, _EXPORT),
        _dependency(*_REMOTE, _EXPORT),
        _dependency(_APP_COMPONENT, _EXPORT),
    ),
    "a version, or a table with `version`, `path`, `url` and `digest`, or `component`",
)

TRIGGER_DEPENDENCY = Choice(
    (
        _dependency(
            _VERSION,
            _REGISTRY,
            Key("package", Text(ids.PACKAGE_NAME), "The package's name.", required=True),
        ),
        _dependency(_PATH),
        _dependency(*_REMOTE),
        _dependency(_APP_COMPONENT),
    ),
    "a table with `package` and `version`, `path`, `url` and `digest`, or `component`",
)


def _outbound_hosts(http_hosts: object) -> str | None:
    """What entries of `allowed_http_hosts` stand for, as an array."""
    from spindle.outbound_hosts import OutboundHostError, parse_http_host

    if not isinstance(http_hosts, list) or not all(isinstance(host, str) for host in http_hosts):
        return None
    try:
        hosts = dict.fromkeys(host for text in http_hosts for host in parse_http_host(text))
    except OutboundHostError:
        return None
    return f"[{', '.join(map(quoted, hosts))}]"


DEPENDENCIES = Map(DEPENDENCY, ids.DEPENDENCY_NAME)

PROFILE = Record(
    "profile",
    (
        Key("source", SOURCE, "The wasm to run instead."),
        Key("environment", Map(TEXT), "Environment variables set over the component's."),
        Key("dependencies", DEPENDENCIES, "Dependencies set over the component's."),
        Key("build", PROFILE_BUILD, "The command to build with instead."),
    ),
    model.Profile,
    "What a build profile, chosen with `--profile`, overrides.",
)

COMPONENT = Record(
    "component",
    (
        Key(
            "source",
            SOURCE,
            "The component's wasm: a path relative to the application directory, a URL with its "
            "digest, or a package of a registry.",
            required=True,
        ),
        Key("description", TEXT, "Shown under the component's route at start."),
        Key(
            "variables",
            Map(TEXT, ids.VARIABLE_NAME),
            "The component's own variables, templates over the application's: `{{ name }}`.",
        ),
        Key("environment", Map(TEXT), "The guest's environment variables, as they are."),
        Key(
            "files",
            Array(FILES),
            "What the guest sees of the application directory: glob patterns, or "
            "`{ source, destination }`. Read-only unless asked otherwise.",
        ),
        Key("exclude_files", TEXTS, "Globs, relative to the application directory, left out."),
        Key(
            "allowed_outbound_hosts",
            TEXTS,
            "Where the component may connect to: `scheme://host[:port]`, with `*` for any scheme, "
            "host, subdomain (`*.example.com`) or port.",
        ),
        Key(
            "allowed_http_hosts",
            TEXTS,
            "Hosts the component may send HTTP requests to.",
            deprecated="`allowed_outbound_hosts`",
            renamed="allowed_outbound_hosts",
            converted=_outbound_hosts,
        ),
        Key(
            "key_value_stores",
            Array(Text(ids.STORE_LABEL)),
            "Labels of the key-value stores the component may open; `default` always exists.",
        ),
        Key(
            "sqlite_databases",
            Array(Text(ids.DATABASE_LABEL)),
            "Labels of the SQLite databases the component may open; `default` always exists.",
        ),
        Key("ai_models", TEXTS, "Names of the language models the component may use."),
        Key("targets", Array(TARGET), "Environments it must run in, instead of the application's."),
        Key("build", BUILD, "How the component is built."),
        Key("tool", Map(AnyTable()), "Settings of tools, by tool; Spin ignores them."),
        Key(
            "dependencies_inherit_configuration",
            BOOLEAN,
            "Whether every dependency gets all the component's grants.",
        ),
        Key("dependencies", DEPENDENCIES, "What satisfies the component's imports, by import."),
        Key("profile", Map(PROFILE), "Overrides by build profile."),
    ),
    model.Component,
    "Some wasm and everything it is granted.",
)

COMPONENT_SPEC = Choice((COMPONENT_ID, COMPONENT), "a component ID or an inline component")

_TRIGGER = (
    Key("id", TEXT, "The trigger's name; one is made up when it is missing."),
    Key(
        "component",
        COMPONENT_SPEC,
        "The component that is run: an ID, or the component itself as a table.",
    ),
    Key(
        "components",
        Map(Choice((COMPONENT_ID, COMPONENT, Array(COMPONENT_SPEC)), "components")),
        "Components by the role they have for the trigger.",
    ),
    Key(
        "dependencies",
        Map(Array(TRIGGER_DEPENDENCY)),
        "What the trigger composes around the component, by role; for HTTP the only role is "
        "`middleware`, outermost first.",
    ),
)

_EXECUTOR_TYPE = Key(
    "type",
    TEXT,
    "`http` (or `spin`): the component exports an HTTP handler. `wagi`: it is a CGI-like command.",
    required=True,
)

_HTTP_EXECUTOR = Record(
    "executor", (_EXECUTOR_TYPE,), model.Executor, "The component exports an HTTP handler."
)

_WAGI_EXECUTOR = Record(
    "executor",
    (
        _EXECUTOR_TYPE,
        Key("argv", TEXT, "The arguments, with `${SCRIPT_NAME}` and `${ARGS}` filled in."),
        Key(
            "entrypoint",
            TEXT,
            "The export to call.",
            deprecated="a command with the usual `_start`",
        ),
    ),
    model.Executor,
    "The component is a CGI-like command.",
)

EXECUTOR = Tagged({"http": _HTTP_EXECUTOR, "spin": _HTTP_EXECUTOR, "wagi": _WAGI_EXECUTOR})

STATIC_RESPONSE = Record(
    "static_response",
    (
        Key("status_code", Integer(0, 65535), "The response's status; 200 when missing."),
        Key("headers", Map(TEXT), "The response's headers."),
        Key("body", TEXT, "The response's body."),
    ),
    model.StaticResponse,
    "A response the host gives without running a component.",
    lenient=True,
)

ROUTE = Choice(
    (
        TEXT,
        Record(
            "route",
            (Key("private", BOOLEAN, "Must be `true`.", required=True),),
            model.PrivateRoute,
            "No route: only other components reach it, at `http://<id>.spin.internal`.",
        ),
    ),
    "a string or `{ private = true }`",
)

HTTP_TRIGGER = Record(
    "trigger.http",
    (
        Key(
            "route",
            ROUTE,
            "The paths it answers: exact (`/a/b`), with params (`/users/:id`) or with a final "
            "wildcard (`/static/...`).",
            required=True,
        ),
        *_TRIGGER,
        Key("executor", EXECUTOR, "How the component is called; usually left out."),
        Key("static_response", STATIC_RESPONSE, "A response given without a component."),
    ),
    model.HttpTrigger,
    "A component or a fixed response behind an HTTP route.",
    mistaken={"path": "route", "response": "static_response"},
)

REDIS_TRIGGER = Record(
    "trigger.redis",
    (
        Key("channel", TEXT, "The channel to subscribe to, a template.", required=True),
        Key("address", TEXT, "The server, a template; else the application's is used."),
        *_TRIGGER,
    ),
    model.RedisTrigger,
    "A component that gets the messages of a Redis channel.",
)

CRON_TRIGGER = Record(
    "trigger.cron",
    (
        Key(
            "cron_expression",
            TEXT,
            "When it runs, in UTC: second, minute, hour, day of the month, month, day of the week "
            "and perhaps year.",
            required=True,
        ),
        *_TRIGGER,
    ),
    model.CronTrigger,
    "A component that runs on a schedule.",
    mistaken={"schedule": "cron_expression", "expression": "cron_expression"},
)

MQTT_TRIGGER = Record(
    "trigger.mqtt",
    (
        Key(
            "topic",
            TEXT,
            "The topic to subscribe to, a template; `+` and `#` stand for any levels.",
            required=True,
        ),
        Key(
            "qos",
            TEXT,
            'The quality of service: `"0"` at most once, `"1"` at least once, `"2"` exactly once.',
            required=True,
        ),
        *_TRIGGER,
    ),
    model.MqttTrigger,
    "A component that gets the messages of an MQTT topic.",
)

COMMAND_TRIGGER = Record(
    "trigger.command",
    _TRIGGER,
    model.Trigger,
    "A component that runs once, from beginning to end, when the application starts.",
)

OTHER_TRIGGER = Record(
    "trigger", _TRIGGER, model.Trigger, "A trigger of another type.", rest=Anything()
)

VARIABLE = Record(
    "variables",
    (
        Key("description", TEXT, "What it is for."),
        Key("required", BOOLEAN, "Whether a value must be given when the application starts."),
        Key("default", TEXT, "Its value when none is given."),
        Key("secret", BOOLEAN, "Whether its value must not be shown."),
    ),
    model.Variable,
    "A value given at start, which components refer to as `{{ name }}`.",
)

APPLICATION = Record(
    "application",
    (
        Key("name", TEXT, "The application's name.", required=True),
        Key("version", TEXT, "The application's version, by convention a semantic one."),
        Key("description", TEXT, "What the application does."),
        Key("authors", TEXTS, "Who wrote it, each as `Name <address>`."),
        Key("targets", Array(TARGET), "Environments every component must be able to run in."),
        Key("trigger", Map(AnyTable()), "Settings shared by all triggers of a type, by type."),
        Key("tool", Map(AnyTable()), "Settings of tools, by tool; Spin ignores them."),
    ),
    model.Application,
    "What the application is.",
)

TRIGGERS = Record(
    "trigger",
    (
        Key("http", Array(HTTP_TRIGGER), "HTTP routes."),
        Key("redis", Array(REDIS_TRIGGER), "Redis channels."),
        Key("cron", Array(CRON_TRIGGER), "Schedules."),
        Key("mqtt", Array(MQTT_TRIGGER), "MQTT topics."),
        Key("command", Array(COMMAND_TRIGGER), "Commands that run at start."),
    ),
    dict,
    "What makes components run, by type.",
    rest=Array(OTHER_TRIGGER),
)

MANIFEST = Record(
    "manifest",
    (
        Key(
            "spin_manifest_version",
            Integer(2, 2),
            "The version of the manifest format: 2.",
            required=True,
            field="",
        ),
        Key("application", APPLICATION, "What the application is.", required=True),
        Key(
            "variables",
            Map(VARIABLE, ids.VARIABLE_NAME),
            "Values given at start, by name.",
        ),
        Key("trigger", TRIGGERS, "What makes components run.", required=True, field="triggers"),
        Key("component", Map(COMPONENT, ids.COMPONENT_ID), "Components by ID.", field="components"),
    ),
    model.Manifest,
    "A Spin application.",
    mistaken={"components": "component", "triggers": "trigger", "variable": "variables"},
)

"""Every rule there is."""

from __future__ import annotations

from spindle.checks import (
    components,
    dependencies,
    event_triggers,
    fit,
    grants,
    handlers,
    hosts,
    labels,
    paths,
    settings,
    surroundings,
    targets,
    triggers,
    values,
)
from spindle.checks import route_rules as routes
from spindle.checks.subject import Rule, Subject
from spindle.diagnostics import Diagnostic, in_order

RULES: tuple[Rule, ...] = (
    components.unreferenced_component,
    components.deprecated_http_hosts,
    dependencies.dependency_without_package,
    dependencies.dependency_export,
    dependencies.conflicting_dependencies,
    dependencies.unknown_grant,
    dependencies.unknown_role,
    fit.unmatched_dependency,
    fit.ambiguous_dependency,
    fit.missing_export,
    fit.not_middleware,
    grants.ungranted_import,
    grants.unused_grant,
    grants.unknown_import,
    handlers.no_handler,
    handlers.several_handlers,
    hosts.invalid_outbound_host,
    hosts.port_range_end,
    hosts.undefined_chained_component,
    labels.undefined_label,
    labels.models_without_compute,
    surroundings.value_of_no_variable,
    surroundings.dotenv_of_no_variable,
    surroundings.tls_of_no_component,
    surroundings.variable_without_value,
    paths.whole_directory,
    paths.not_wasm,
    paths.missing_workdir,
    paths.missing_watch,
    routes.duplicate_route,
    routes.near_duplicate_route,
    routes.unreachable_route,
    routes.unreachable_private_component,
    routes.wildcard_before_end,
    routes.route_never_matches,
    routes.route_without_slash,
    routes.reserved_route,
    settings.unknown_setting,
    settings.invalid_setting,
    targets.target_mismatch,
    targets.invalid_target,
    triggers.deprecated_base,
    triggers.no_triggers,
    triggers.unknown_trigger_type,
    triggers.duplicate_trigger_id,
    triggers.conflicting_executors,
    triggers.wagi,
    triggers.invalid_status,
    event_triggers.redis_address,
    event_triggers.mqtt_settings,
    event_triggers.mqtt_qos,
    event_triggers.cron_schedule,
    triggers.trigger_without_component,
    triggers.undefined_role_component,
    values.variable_without_default,
    values.invalid_template,
)


def run_checks(subject: Subject) -> tuple[Diagnostic, ...]:
    """What all rules say."""
    return in_order(diagnostic for rule in RULES for diagnostic in rule(subject))

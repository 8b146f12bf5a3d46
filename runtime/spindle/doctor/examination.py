"""Every check there is, in the order in which it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from spindle.doctor import machine, manifests, ports, services, toolchains
from spindle.doctor.findings import Finding
from spindle.doctor.patient import Patient

Check = Callable[[Patient], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    manifests.application,
    toolchains.programs,
    toolchains.rust_targets,
    toolchains.node_packages,
    machine.engine_loads,
    machine.page_tracking,
    machine.cache_directory,
    machine.state_directory,
    machine.file_watching,
    ports.listening_port,
    services.services_answer,
    machine.spin_itself,
)


def examine(patient: Patient) -> tuple[Finding, ...]:
    """What all checks find, the application first."""
    found = (finding for check in CHECKS for finding in check(patient))
    return tuple(sorted(found, key=lambda finding: finding.of_machine))

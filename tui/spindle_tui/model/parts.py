"""Components: what they are, may and do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from spindle.client import BuildState, ComponentInfo, ComponentStats, InstanceInfo
from spindle_tui.model.cleaning import one_line
from spindle_tui.model.lines import Line
from spindle_tui.model.measures import number_text, size_text, span_text
from spindle_tui.model.prose import BLANK, Meaning, line, named, title

STATES: dict[str, tuple[str, Meaning]] = {
    "fresh": ("● fresh", "good"),
    "instant": ("● instant", "good"),
    "building": ("◐ building", "warn"),
    "stale": ("▲ stale", "warn"),
    "failed": ("✗ failed", "bad"),
    "none": ("· no build", "dim"),
}
"""How a build's state is shown."""

MEANS = {
    "fresh": "what is served was built from the files as they are",
    "instant": "its sources run as they are, and nothing is built for a save",
    "building": "it is being built; what was built before is served",
    "stale": "there are newer sources, and what was built before is served",
    "failed": "its build failed, and what was built before is served",
    "none": "the manifest has no build command for it",
}


class Part(NamedTuple):
    """A component, as far as anything is known of it."""

    info: ComponentInfo
    stats: ComponentStats | None = None
    build: BuildState | None = None

    @property
    def state(self) -> tuple[str, Meaning]:
        """How its build stands, and how that is meant."""
        name = "stale" if self.info.stale else "none" if self.build is None else self.build.state
        if self.build is not None and self.build.state in ("building", "failed"):
            name = self.build.state
        return STATES.get(name, (one_line(name), ""))

    @property
    def busy(self) -> str:
        """Instances that serve something, of all there are."""
        busy = sum(1 for instance in self.info.instances if instance.busy)
        return f"{busy}/{len(self.info.instances)}"

    @property
    def memory(self) -> int:
        return sum(instance.memory for instance in self.info.instances)


def part_lines(part: Part) -> list[Line]:
    """All there is to say of a component."""
    info = part.info
    state, meaning = part.state
    sections = [
        [
            line((one_line(info.id), "head"), f"  {one_line(info.description)}"),
            named("source", one_line(info.source), 6),
            line(
                ("  build   ", "dim"),
                one_line(info.build or "not loaded yet"),
                "  ",
                (state, meaning),
            ),
            *(
                [named("", one_line(part.build.reason), 6, "bad")]
                if part.build and part.build.reason
                else []
            ),
        ],
        _grants(part),
        _instances(info.instances),
        _dependencies(info.dependencies),
        _interfaces("Imports", info.imports),
        _interfaces("Exports", info.exports),
    ]
    lines: list[Line] = []
    for section in sections:
        lines += [BLANK, *section] if lines and section else section
    return lines


def _grants(part: Part) -> list[Line]:
    grants = part.info.grants
    given = [
        ("key-value", grants.key_value_stores),
        ("SQLite", grants.sqlite_databases),
        ("hosts", grants.allowed_outbound_hosts),
        ("files", grants.files),
        ("variables", grants.variables),
        ("AI models", grants.ai_models),
    ]
    rows = [named(name, ", ".join(map(one_line, what)), 9) for name, what in given if what]
    return [title("It may use"), *(rows or [line(("  nothing of the host's", "dim"))])]


def _instances(instances: Sequence[InstanceInfo]) -> list[Line]:
    if not instances:
        return [title("Instances"), line(("  none until there is a request", "dim"))]
    head = line((f"  {'':>6} {'Busy':>6} {'Requests':>9} {'Memory':>9}  Idle", "dim"))
    return [title("Instances", str(len(instances))), head, *map(_instance, instances)]


def _instance(instance: InstanceInfo) -> Line:
    idle = "" if instance.busy else span_text(instance.idle)
    return line(
        f"  {f'#{instance.number}':>6} {number_text(instance.busy):>6} {instance.requests:>9,}"
        f" {size_text(instance.memory):>9}  {idle}"
    )


def _dependencies(names: Sequence[str]) -> list[Line]:
    return [title("Dependencies"), *_listed(names)] if names else []


def _interfaces(name: str, interfaces: Sequence[str]) -> list[Line]:
    return [title(name, str(len(interfaces))), *_listed(sorted(interfaces))] if interfaces else []


def _listed(names: Iterable[str]) -> list[Line]:
    return [line(f"  {one_line(name)}") for name in names]

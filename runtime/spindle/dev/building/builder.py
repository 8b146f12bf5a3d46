"""Doing what is planned: as much at once as there are processors, each step after its needs."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from spindle.dev.building.artefacts import Guarded
from spindle.dev.building.cargo import cargo_variables
from spindle.dev.building.compilers import diagnostics_of, failure_in
from spindle.dev.building.plan import Plan, Step
from spindle.dev.building.records import Records, inputs_digest
from spindle.dev.building.running import behind, run_command
from spindle.dev.building.taking_turns import turn_in
from spindle.dev.building.tools import hints_of
from spindle.diagnostics import Diagnostic

KEPT_LINES = 2000
"""Lines of a component's output that are kept: the last ones."""


class Result(NamedTuple):
    """What became of one component."""

    id: str
    ok: bool
    fresh: bool = False
    """Whether nothing had to be done."""
    took: float = 0.0
    """Seconds."""
    reason: str = ""
    """What went wrong, as a sentence."""
    hints: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    """What compilers said of places."""
    output: tuple[str, ...] = ()
    """The last lines that were written."""


class Listener(Protocol):
    """Told of a build as it goes on."""

    def started(self, step: Step) -> None:
        """A component's first command is about to run."""

    def command(self, step: Step, number: int, command: str) -> None:
        """A command is about to run; the first is number 1."""

    def line(self, step: Step, line: bytes) -> None:
        """A command wrote a line."""

    def finished(self, step: Step, result: Result) -> None:
        """A component is done with, whatever came of it."""


class Builder:
    """Builds the components of one application."""

    def __init__(
        self,
        plan: Plan,
        records: Records,
        *,
        jobs: int | None = None,
        force: bool = False,
        unhurried: bool = False,
        environment: Mapping[str, str] = {},
    ) -> None:
        self._plan = plan
        self._records = records
        self._room = asyncio.Semaphore(jobs or os.cpu_count() or 1)
        self._force = force
        self._unhurried = unhurried
        """Whether whatever else the machine does goes first."""
        self._environment = environment

    async def build(self, ids: Iterable[str], listener: Listener) -> dict[str, Result]:
        """Build components and say what became of each; after a failure no more are begun.

        Cancelling it ends the commands that run and puts back the artefacts they were making.
        """
        plan = self._plan.only(ids)
        run = _Run(plan)
        async with asyncio.TaskGroup() as tasks:
            for id_ in plan.order:
                tasks.create_task(self._when_due(plan.steps[id_], run, listener))
        return {id_: run.results[id_] for id_ in plan.order if id_ in run.results}

    async def _when_due(self, step: Step, run: _Run, listener: Listener) -> None:
        for need in step.needs:
            await run.done[need].wait()
        async with self._room:
            if not run.failed:
                result = run.results[step.id] = await self._step(step, listener)
                run.failed = run.failed or not result.ok
                listener.finished(step, result)
        run.done[step.id].set()

    async def _step(self, step: Step, listener: Listener) -> Result:
        def on_wait() -> None:
            listener.line(step, b"Waiting for the end of another build in this directory.")

        async with turn_in(step.workdir, self._records.root, on_wait):
            return await self._step_in_turn(step, listener)

    async def _step_in_turn(self, step: Step, listener: Listener) -> Result:
        steps = self._plan.steps
        if not self._force and await asyncio.to_thread(self._records.is_fresh, step, steps):
            return Result(step.id, ok=True, fresh=True)
        before = await asyncio.to_thread(inputs_digest, step, steps)
        began = time.monotonic()
        guarded = await asyncio.to_thread(Guarded, step.artefact)
        result: Result | None = None
        try:
            result = await self._commands(step, listener)
            if result.ok and not guarded.there:
                result = _without_artefact(step, result)
        finally:
            if result is None or not result.ok:
                guarded.restore()
            guarded.let_go()
        if result.ok:
            await asyncio.to_thread(self._records.note, step, steps, before)
        return result._replace(took=time.monotonic() - began)

    async def _commands(self, step: Step, listener: Listener) -> Result:
        kept: deque[str] = deque(maxlen=KEPT_LINES)

        def on_line(line: bytes) -> None:
            kept.append(line.decode("utf-8", "replace"))
            listener.line(step, line)

        listener.started(step)
        for number, command in enumerate(step.commands, 1):
            listener.command(step, number, command)
            try:
                shared = await asyncio.to_thread(cargo_variables, command, step.workdir)
                environment = {**shared, **self._environment}
                run = behind(command) if self._unhurried else command
                status = await run_command(run, step.workdir, on_line, environment)
            except OSError as error:
                return _not_started(step, error)
            if status:
                reason = f"Build command for component {step.id} failed with status {_how(status)}"
                hints = tuple(hints_of(status, command, step.workdir, self._environment))
                found = diagnostics_of(kept, step.workdir)
                return Result(step.id, False, False, 0.0, reason, hints, found, tuple(kept))
        found = diagnostics_of(kept, step.workdir)
        failure = failure_in(kept)
        reason = "" if failure is None else f"the build of component `{step.id}` failed: {failure}"
        return Result(
            step.id, failure is None, reason=reason, diagnostics=found, output=tuple(kept)
        )


class _Run:
    """How far one build has come."""

    def __init__(self, plan: Plan) -> None:
        self.done = {id_: asyncio.Event() for id_ in plan.order}
        self.results: dict[str, Result] = {}
        self.failed = False


def _how(status: int) -> str:
    return f"Exited({status})" if status > 0 else f"Signaled({-status})"


def _not_started(step: Step, error: OSError) -> Result:
    reason = (
        f"the build command of component `{step.id}` can't be started in `{step.workdir}`: "
        f"{(error.strerror or str(error)).lower()}"
    )
    return Result(step.id, False, reason=reason, hints=("check the component's `build.workdir`",))


def _without_artefact(step: Step, result: Result) -> Result:
    return result._replace(
        ok=False,
        reason=f"the build of component `{step.id}` ended well, but there is no `{step.artefact}`",
        hints=("check what the command writes, and the component's `source`",),
    )

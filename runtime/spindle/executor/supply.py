"""Where instances come from: made new, or restored after they have served.

An instance that has served as many requests as it may can be restored to its beginning, which
takes a fraction of making one: see `spindle.component.snapshot`. What it takes to restore is
prepared when the first one is done, so that no request waits for it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from typing import TYPE_CHECKING

from spindle.errors import SpindleError
from spindle.executor.output import GuestOutput
from spindle.executor.sources import given
from spindle.factors import InstanceState
from spindle.factors.open_files import OpenFiles

if TYPE_CHECKING:
    from spindle.component.exports import Instance
    from spindle.component.instantiation import States
    from spindle.component.snapshot import RestorableInstance, Restorer
    from spindle.executor.policy import Policy
    from spindle.executor.program import Program

MOST_KEPT = 32
"""Restored instances that wait for a request, of one component."""

GIVE_UP = 16
"""Instances in a row that could not be restored, after which no more are made to be."""


class Supply:
    """Instances of one build of a component."""

    def __init__(self, program: Program, policy: Policy) -> None:
        self._program = program
        self._component = program.component
        self._limits = policy.limits
        self._may_restore = policy.restore
        """False from when it turns out that instances cannot be restored."""
        self._restorer: Restorer | None = None
        self._ready: list[RestorableInstance] = []
        self._failures = 0
        """How many instances in a row could not be restored."""

    @property
    def stocked(self) -> bool:
        """Whether restored instances wait."""
        return bool(self._ready)

    def take(self) -> Generator[None, None, tuple[Instance, GuestOutput]]:
        """An instance at its beginning and its output, in steps of a time slice at most.

        Raises `Trap` when starting it traps, `SourcesError` if it can't run what it is given.
        """
        output = GuestOutput(self._program.log, self._program.id)
        state, nested = self._program.grants.states(
            stdout=output.stdout,
            stderr=output.stderr,
            open_files=OpenFiles(self._limits.max_open_files),
        )
        if self._ready:
            instance: Instance = self._restored(state, nested)
        else:
            instance = yield from self._make(state, nested)
        if self._program.sources is not None:
            yield from given(instance, self._program.sources)
        return instance, output

    def _restored(self, state: InstanceState, nested: States) -> Instance:
        instance = self._ready.pop()
        instance.adopt(state, nested)
        return instance

    def _make(self, state: InstanceState, nested: States) -> Generator[None, None, Instance]:
        program = self._program
        if self._restorer is not None:
            return self._restorer.instantiating(state=state, nested=nested, queue=program.queue)
        return self._component.instantiating(
            program.imports, state=state, nested=nested, queue=program.queue, limits=self._limits
        )

    def take_back(self, instance: Instance) -> bool:
        """Whether an instance that has served will serve again; otherwise it is to be closed."""
        if not self._may_restore or len(self._ready) >= MOST_KEPT:
            return False
        from spindle.component.snapshot import RestorableInstance

        if self._restorer is None:
            self._prepare()
            return False
        if not isinstance(instance, RestorableInstance) or instance.restorer is not self._restorer:
            return False
        with suppress(SpindleError):  # of the instance to restore from, should it not start
            if self._restorer.restore(instance):
                self._ready.append(instance)
                self._failures = 0
                return True
        self._failures += 1
        if self._failures >= GIVE_UP:
            self.close()
        return False

    def _prepare(self) -> None:
        # Imported here, for a start does not need it.
        from spindle.component.snapshot import Restorer

        try:
            self._restorer = Restorer.of(self._component, self._program.imports, self._limits)
        except SpindleError:
            self._restorer = None
        self._may_restore = self._restorer is not None

    def empty(self) -> None:
        """Free the instances that wait."""
        ready, self._ready = self._ready, []
        for instance in ready:
            instance.close()

    def close(self) -> None:
        """Free everything; from here on instances are made new."""
        self._may_restore = False
        self.empty()
        if self._restorer is not None:
            self._restorer.close()
            self._restorer = None

"""The door to running components: load one, link it with a host's imports, call its exports."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Generator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from spindle.component import core
from spindle.component.cache_files import cache_root
from spindle.component.collection import uncollected
from spindle.component.compiling import compile_soonest
from spindle.component.content import Content, as_component, read
from spindle.component.exports import Instance
from spindle.component.imports import Imports
from spindle.component.instantiation import NO_STATES, Instantiation, Linkage, States
from spindle.component.linker import link
from spindle.component.module_cache import ModuleCache
from spindle.component.plan import ROOT, Plan
from spindle.component.plan_cache import PlanCache
from spindle.component.run_queue import Action, RunQueue
from spindle.component.store import Store
from spindle.component.trap import Trap
from spindle.limits import DEFAULT, Limits
from spindle.wasm.types import ExternType

if TYPE_CHECKING:
    from spindle.component.symbols import Symbols


class Compiler:
    """An engine with the caches of what was made for it; everything that runs together shares one.

    `directory` is where caches are kept between runs, None for nowhere.
    """

    def __init__(self, engine: core.Engine, directory: Path | None) -> None:
        self.engine = engine
        self.modules = ModuleCache(engine, directory / "modules" if directory else None)
        self.plans = PlanCache(directory / "plans" if directory else None)


@functools.cache
def default_compiler() -> Compiler:
    """The compiler for those who have no wishes."""
    return Compiler(core.Engine(), cache_root())


class Component:
    """A component that is planned and compiled, to be instantiated any number of times."""

    def __init__(
        self,
        compiler: Compiler,
        digest: str,
        plan: Plan,
        modules: list[core.Module],
        data: Callable[[], bytes],
    ) -> None:
        """`data` gives its bytes again; a file may have changed."""
        self.engine = compiler.engine
        self.digest = digest
        """The SHA-256 of its bytes, in hexadecimal."""
        self.plan = plan
        self.modules = modules
        self._data = data
        self._linked: tuple[Imports, Linkage] | None = None

    @classmethod
    def load(
        cls,
        source: Path | str | bytes | Content,
        compiler: Compiler | None = None,
        *,
        in_haste: Compiler | None = None,
        bare: bool = False,
    ) -> Component:
        """A component from its file, its bytes or what gives them.

        `in_haste` compiles it if `compiler` has not done so before; otherwise `bare` is whether
        code is compiled without contents (see `compile_modules`). Raises `DecodeError`,
        `ValidationError`, `UnsupportedError` and other `ComponentError`s; `UserError` if the file
        cannot be read.
        """
        compiler = compiler or default_compiler()
        soonest = partial(compile_soonest, compiler=compiler, in_haste=in_haste, bare=bare)
        if isinstance(source, bytes):
            digest = hashlib.sha256(source).hexdigest()
            once = functools.cache(lambda: as_component(source))
            return cls._of(compiler, digest, once, soonest, once)
        if isinstance(source, Content):
            once = functools.cache(source.read)
            return cls._of(compiler, source.digest, once, soonest, source.read)
        path = Path(source)
        known = compiler.plans.digest_of(path)
        plan = compiler.plans.load(known) if known else None
        if known and plan:
            again = partial(_component_of, path)
            compiler, modules = soonest(plan.modules, data=again)
            return cls(compiler, known, plan, modules, again)
        status, data = path.stat() if path.exists() else None, read(path)
        digest = hashlib.sha256(data).hexdigest()
        if status:
            compiler.plans.note(path, status, digest)
        once = functools.cache(lambda: as_component(data))
        return cls._of(compiler, digest, once, soonest, partial(_component_of, path))

    @classmethod
    def _of(
        cls,
        compiler: Compiler,
        digest: str,
        data: Callable[[], bytes],
        soonest: Callable[..., tuple[Compiler, list[core.Module]]],
        again: Callable[[], bytes],
    ) -> Component:
        plan = compiler.plans.load(digest)
        if plan is None:
            plan = plan_bytes(data(), compiler.engine)
            compiler.plans.store(digest, plan)
        compiler, modules = soonest(plan.modules, data=data)
        return cls(compiler, digest, plan, modules, again)

    @property
    def is_bare(self) -> bool:
        """Whether code of it was compiled without contents, which serves later builds too."""
        return any(module.contents is not None for module in self.modules)

    @property
    def imports(self) -> Mapping[str, ExternType]:
        """What it asks of a host."""
        return self.plan.import_types

    @property
    def exports(self) -> Mapping[str, ExternType]:
        """What it offers."""
        return self.plan.export_types

    def check_callable(self, interface: str) -> None:
        """Raise `SignatureError` for an export whose types are not what a host calls it with."""
        if interface in self.plan.misfits:
            from spindle.component.plan_signatures import SignatureError

            raise SignatureError("exports", *self.plan.misfits[interface])

    @functools.cached_property
    def symbols(self) -> Symbols:
        """What tells where in its sources a stack is."""
        # Imported here, for few guests trap.
        from spindle.component.symbols import Symbols

        return Symbols(self._data, self.plan.modules)

    def link(self, imports: Imports) -> Linkage:
        """This component with what a host provides; the last such pair is remembered."""
        if self._linked is None or self._linked[0] is not imports:
            self._linked = (imports, link(self.plan, self.modules, imports))
        return self._linked[1]

    def instantiate(
        self,
        imports: Imports | None = None,
        *,
        state: Any = None,
        nested: States = NO_STATES,
        queue: RunQueue | None = None,
        seed: int | None = None,
        limits: Limits = DEFAULT,
    ) -> Instance:
        """A new instance, in a store of its own.

        `queue` makes the instance run when there is something to do; without one, only `Func.call`
        does. `state` is for host functions, as `task.inst.state`; component instances that
        `nested` names have another, and so has what is nested in them. Raises `LinkError`,
        `InstantiationError`, `Trap`.
        """
        return finished(
            self.instantiating(
                imports, state=state, nested=nested, queue=queue, seed=seed, limits=limits
            )
        )

    def instantiating(
        self,
        imports: Imports | None = None,
        *,
        state: Any = None,
        nested: States = NO_STATES,
        queue: RunQueue | None = None,
        seed: int | None = None,
        limits: Limits = DEFAULT,
    ) -> Generator[None, None, Instance]:
        """`instantiate` in steps that take a time slice at most; what it returns is the instance.

        Closing it gives the instance up.
        """
        linkage = self.link(imports if imports is not None else NOTHING)
        states = {ROOT: state, **nested}
        made = yield from follow(linkage, self.engine, states, queue, seed, limits)
        return Instance(self.plan.exports, made.store, made.insts[0], made.funcs, made.core_func)


def _component_of(path: Path) -> bytes:
    return as_component(read(path))


def follow(
    linkage: Linkage,
    engine: core.Engine,
    states: States,
    queue: RunQueue | None,
    seed: int | None,
    limits: Limits,
) -> Generator[None, None, Instantiation]:
    """An instantiation in a store of its own, which is closed if it fails."""
    store = Store(core.Store(engine, limits=limits), queue or NoQueue(), seed=seed)
    try:
        return (yield from linkage.instantiate(store, states))
    except BaseException:
        store.close()
        raise


Made = TypeVar("Made")


def finished(steps: Generator[None, None, Made], slices: float = math.inf) -> Made:
    """What steps make, all of them taken now; raises `Trap` if they are too many."""
    taken = 0
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            made: Made = stop.value
            return made
        taken += 1
        if taken >= slices:
            steps.close()
            raise Trap("starting the guest takes too long")


NOTHING = Imports()


def plan_bytes(data: bytes, engine: core.Engine) -> Plan:
    """The plan of a component's bytes."""
    # Imported here, for most runs find the plan in the cache and need none of it.
    from spindle.component.idle_modules import check_idle_modules
    from spindle.component.plan_signatures import with_signatures
    from spindle.component.planner import plan_component
    from spindle.wasm.decoder import decode
    from spindle.wasm.validator import resolve

    with uncollected():
        component = decode(data)
        plan = with_signatures(plan_component(data, resolve(component, data)))
    check_idle_modules(engine, component, plan, data)
    return plan


class NoQueue(RunQueue):
    """Runs nothing: whoever calls a function runs its store."""

    def __init__(self) -> None:
        """There is no loop."""

    def soon(self, action: Action) -> None:
        """Do nothing."""

    def later(self, action: Action) -> None:
        """Do nothing."""

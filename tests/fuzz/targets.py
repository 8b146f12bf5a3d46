"""What is fuzzed: each target makes inputs of its own and feeds them to one door of Spindle.

A check returns whether the input was taken, in a word for the counts, and raises only if Spindle
did something it must never do: fail with an error that is not of its family.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.fuzz import oracle, seeds
from tests.fuzz.abi import abi_input, check_abi
from tests.fuzz.composing import check_composing, composing_input
from tests.fuzz.guests import run_exports, ticking_engine
from tests.fuzz.hosts import check_host, host_input
from tests.fuzz.modules import check_module, module_input
from tests.fuzz.mutation import mutated, mutated_bytes
from tests.fuzz.values import check_values, values_input

from spindle.component.component import Compiler, Component, plan_bytes
from spindle.component.core import CoreError, Engine
from spindle.component.imports import Imports
from spindle.component.linker import link
from spindle.component.plan import Plan
from spindle.component.plan_cache import PlanCache
from spindle.component.wast.commands import command_of
from spindle.component.wast.forms import FormError, read_forms
from spindle.errors import ComponentError, SpindleError
from spindle.wasm.decoder import decode
from spindle.wasm.definitions import CoreModule
from spindle.wasm.modules import read_module
from spindle.wasm.name_section import read_names
from spindle.wasm.validator import resolve
from spindle.wasm.wit import render_wit
from spindle.wasm.wit_binary import read_wit


class Target(NamedTuple):
    """A door: what to knock with, and what to do with it."""

    generate: Callable[[Random], bytes]
    check: Callable[[bytes], str]


def mutant(random: Random) -> bytes:
    """A component, changed."""
    return mutated(random, seeds.components())


def check_reader(data: bytes) -> str:
    """Decoder, name section, module reader, validator and WIT printer."""
    try:
        component = decode(data)
    except ComponentError:
        return "malformed"
    read_names(data, component)
    for definition in component.definitions:
        if isinstance(definition, CoreModule):
            try:
                read_module(data, definition)
            except ComponentError:
                return "malformed module"
    try:
        resolve(component, data)
    except ComponentError:
        return "invalid"
    render_wit(read_wit(data))
    return "valid"


@cache
def compiler() -> Compiler:
    """One for all inputs that are compiled."""
    return Compiler(Engine(parallel=False), None)


def check_planner(data: bytes) -> str:
    """Planner, its pickles, and linking with nothing."""
    try:
        plan = plan_bytes(data, compiler().engine)
    except ComponentError as error:
        return error.code
    again = pickle.loads(pickle.dumps(plan))
    assert isinstance(again, Plan)
    link(plan, [], Imports(lenient=True))
    try:
        link(plan, [], Imports())
    except ComponentError as error:
        return error.code
    return "planned"


def check_runner(data: bytes) -> str:
    """Everything: compile, link, instantiate, call every export with plain values."""
    made = Compiler(ticking_engine(), None)  # with no memory of modules that come once
    try:
        component = Component.load(data, made)
        instance = component.instantiate(Imports(lenient=True))
    except (SpindleError, CoreError) as error:
        return getattr(error, "code", "core")
    try:
        return run_exports(instance)
    finally:
        instance.close()


@cache
def _plans() -> list[bytes]:
    found: list[bytes] = []
    for data in seeds.components():
        with tempfile.TemporaryDirectory() as directory:
            cache = PlanCache(Path(directory))
            try:
                cache.store("x", plan_bytes(data, compiler().engine))
            except ComponentError:
                continue
            found.append(_plan_file(cache).read_bytes())
    return found


def _plan_file(cache: PlanCache) -> Path:
    assert cache.directory is not None
    [path] = cache.directory.glob("*.plan")
    return path


def check_plan_cache(data: bytes) -> str:
    """A file of the plan cache whose bytes have changed while nothing else has."""
    with tempfile.TemporaryDirectory() as directory:
        cache = PlanCache(Path(directory))
        whole = plan_bytes(seeds.components()[0], compiler().engine)
        cache.store("x", whole)
        path = _plan_file(cache)
        path.write_bytes(data)
        path.with_suffix(".seal").write_bytes(
            b"%d:%d" % (path.stat().st_size, path.stat().st_mtime_ns)
        )
        found = cache.load("x")
    return "refused" if found is None else "taken"


def script(random: Random) -> bytes:
    """A script, changed."""
    return mutated_bytes(random, [text.encode() for text in seeds.scripts()])


def check_script(data: bytes) -> str:
    """The reader of component scripts."""
    try:
        for form in read_forms(data.decode(errors="replace")):
            command_of(form)
    except FormError:
        return "refused"
    return "read"


TARGETS: dict[str, Target] = {
    "reader": Target(mutant, check_reader),
    "planner": Target(mutant, check_planner),
    "runner": Target(mutant, check_runner),
    "agreement": Target(mutant, oracle.check_agreement),
    "composition": Target(composing_input, check_composing),
    "module": Target(module_input, check_module),
    "host": Target(host_input, check_host),
    "abi": Target(abi_input, check_abi),
    "values": Target(values_input, check_values),
    "plan-cache": Target(lambda random: mutated_bytes(random, _plans()), check_plan_cache),
    "script": Target(script, check_script),
}

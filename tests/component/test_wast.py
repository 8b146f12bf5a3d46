"""Our scripts must pass in any order of guests' threads, and wherever guests are interrupted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spindle.component import run_queue
from spindle.component.component import Compiler
from spindle.component.core import Engine
from spindle.component.run_queue import Ticker
from spindle.component.wast.forms import read_forms
from spindle.component.wast.runner import Runner

FOLDER = Path(__file__).parent / "wast"
FILES = sorted(path.stem for path in FOLDER.glob("*.wast"))
SEEDS = [None, 1, 2, 3, 4, 5, 6, 7]


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler(Engine(), None)


@pytest.fixture(scope="module")
def hasty() -> Iterator[Compiler]:
    """A compiler whose guests are interrupted all the time."""
    engine, ticker = Engine(), Ticker()
    interval, run_queue.TICK = run_queue.TICK, 0.00002
    switching = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    ticker.add(engine)
    yield Compiler(engine, None)
    ticker.stop()
    sys.setswitchinterval(switching)
    run_queue.TICK = interval


def marks(compiler: Compiler, seed: int | None) -> int:
    """The order in which the threads of `order.wast` leave their marks."""
    runner = Runner(compiler, seed=seed)
    for form in read_forms((FOLDER / "order.wast").read_text()):
        assert runner.problem_of(form) is None
    order: int = runner.instances[None].func("marks").call()
    return order


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_gives_one_order_however_guests_are_interrupted(
    seed: int | None, compiler: Compiler, hasty: Compiler
) -> None:
    assert marks(compiler, seed) == marks(hasty, seed) == marks(compiler, seed)


def test_seeds_give_different_orders(compiler: Compiler) -> None:
    orders = {marks(compiler, seed) for seed in SEEDS}
    assert len(orders) > len(SEEDS) // 2
    assert marks(compiler, None) == 123123123


def problems(name: str, compiler: Compiler, seed: int | None) -> list[tuple[int, str, str]]:
    runner = Runner(compiler, seed=seed, check_messages=True)
    outcomes = list(runner.run((FOLDER / f"{name}.wast").read_text()))
    assert outcomes
    return [(o.line, o.command, o.problem) for o in outcomes if o.problem is not None]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("seed", SEEDS)
def test_scripts_pass_in_any_order(name: str, seed: int | None, compiler: Compiler) -> None:
    assert not problems(name, compiler, seed)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("seed", [None, 1])
def test_scripts_pass_however_guests_are_interrupted(
    name: str, seed: int | None, hasty: Compiler
) -> None:
    assert not problems(name, hasty, seed)

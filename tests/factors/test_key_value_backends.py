"""Every kind of store does what a dictionary does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factors.stores import KINDS, configured

from spindle.factors.key_value import Backend, KeyValueError, Store, backends_of
from spindle.factors.key_value.store import all_keys, pages_of
from spindle.runtime_config import read_runtime_config


class Kept:
    """A store, and the loop it is used on."""

    def __init__(self, kind: str, backend: Backend, runner: asyncio.Runner) -> None:
        self.kind = kind
        self.backend = backend
        self.run = runner.run
        self.store: Store = self.run(backend.open("default"))

    async def empty(self) -> None:
        for key in await all_keys(self.store):
            await self.store.delete(key)


@pytest.fixture(scope="module", params=KINDS)
def kept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    directory = tmp_path_factory.mktemp("kept")
    with (
        configured(request.param, directory, request) as text,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        config, found = read_runtime_config(directory / "runtime-config.toml", text)
        assert found == ()
        backend = backends_of(config, None)["default"]
        yield Kept(request.param, backend, runner)
        runner.run(backend.close())


Model = dict[str, Any]
"""Values by key; those of counters are numbers."""
Step = Callable[[Store, Model], Coroutine[Any, Any, None]]

NAMES = st.one_of(
    st.sampled_from(["a", "b", "c*", "c[x]?"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
).map(lambda name: "k:" + "".join(c for c in name if c not in "/\\?#"))
COUNTERS = st.sampled_from(["n:1", "n:2"])
VALUES = st.binary(max_size=40)


def setting(key: str, value: bytes) -> Step:
    async def step(store: Store, model: Model) -> None:
        await store.set(key, value)
        model[key] = value

    return step


def getting(key: str) -> Step:
    async def step(store: Store, model: Model) -> None:
        assert await store.get(key) == model.get(key)
        assert await store.exists(key) == (key in model)

    return step


def deleting(key: str) -> Step:
    async def step(store: Store, model: Model) -> None:
        await store.delete(key)
        model.pop(key, None)

    return step


def setting_many(items: list[tuple[str, bytes]]) -> Step:
    async def step(store: Store, model: Model) -> None:
        await store.set_many(items)
        model.update(items)

    return step


def getting_many(keys: list[str]) -> Step:
    async def step(store: Store, model: Model) -> None:
        found = dict(await store.get_many(keys))
        assert found == {key: model[key] for key in keys if key in model}

    return step


def deleting_many(keys: list[str]) -> Step:
    async def step(store: Store, model: Model) -> None:
        await store.delete_many(keys)
        for key in keys:
            model.pop(key, None)

    return step


def counting(key: str, delta: int) -> Step:
    async def step(store: Store, model: Model) -> None:
        model[key] = model.get(key, 0) + delta
        assert await store.increment(key, delta) == model[key]

    return step


def swapping(key: str, between: bytes | None, value: bytes) -> Step:
    async def step(store: Store, model: Model) -> None:
        value_now, seen = await store.current(key)
        assert value_now == model.get(key)
        if between is not None:
            await store.set(key, between)
            model[key] = between
        done = await store.swap(key, seen, value)
        # Whether somebody has set the value it had before, not all kinds of store can tell.
        assert done or between is not None
        if between not in (None, value_now):
            assert not done
        if done:
            model[key] = value

    return step


async def listing(store: Store, model: Model) -> None:
    assert sorted(await all_keys(store)) == sorted(model)
    found = [key async for page in pages_of(store, "k:c") for key in page]
    assert sorted(set(found)) == sorted(key for key in model if key.startswith("k:c"))


LISTS = st.lists(NAMES, min_size=1, max_size=40)
STEPS = st.one_of(
    st.builds(setting, NAMES, VALUES),
    st.builds(getting, NAMES),
    st.builds(deleting, NAMES),
    st.builds(setting_many, st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=40)),
    st.builds(getting_many, LISTS),
    st.builds(deleting_many, LISTS),
    st.builds(counting, COUNTERS, st.integers(-(1 << 40), 1 << 40)),
    st.builds(swapping, NAMES, st.none() | VALUES, VALUES),
    st.just(listing),
)


@settings(max_examples=15)
@given(steps=st.lists(STEPS, max_size=25))
def test_it_does_what_a_dictionary_does(kept: Kept, steps: list[Step]) -> None:
    async def test() -> None:
        await kept.empty()
        model: Model = {}
        for step in [*steps, listing]:
            await step(kept.store, model)

    kept.run(test())


def test_lists_have_pages(kept: Kept) -> None:
    async def test() -> None:
        await kept.empty()
        keys = [f"k{number:04}" for number in range(2345)]
        await kept.store.set_many([(key, b"") for key in keys])
        assert sorted(await all_keys(kept.store)) == keys
        assert {key async for page in pages_of(kept.store, "k00") for key in page} == {*keys[:100]}
        await kept.store.delete_many(keys)
        assert await all_keys(kept.store) == []

    kept.run(test())


def test_what_is_no_number_is_not_counted(kept: Kept) -> None:
    async def test() -> None:
        await kept.store.set("text", b"one")
        with pytest.raises(KeyValueError) as raised:
            await kept.store.increment("text", 1)
        assert raised.value.case == "other"
        assert await kept.store.get("text") == b"one"

    kept.run(test())


def test_counts_add_up(kept: Kept) -> None:
    async def test() -> None:
        await kept.store.delete("many")
        await asyncio.gather(*(kept.store.increment("many", n) for n in range(20)))
        assert await kept.store.increment("many", 0) == 190

    kept.run(test())


def test_of_many_swaps_one_is_done(kept: Kept) -> None:
    async def test() -> None:
        await kept.store.set("fought over", b"")
        _, seen = await kept.store.current("fought over")
        tries = (kept.store.swap("fought over", seen, b"%d" % n) for n in range(8))
        assert sum(await asyncio.gather(*tries)) == 1

    kept.run(test())

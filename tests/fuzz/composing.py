"""Components that are put together, some of them changed at random."""

from __future__ import annotations

from functools import cache
from random import Random

from tests.composition.parts import CARTS, SHOPPER, TILL, consumer, provider
from tests.fuzz import oracle
from tests.fuzz.mutation import sound_mutant
from tests.wasm.encode import encode, unsigned

from spindle.composition import HANDLER, Dependency, Part, assemble, read_part
from spindle.errors import ComponentError
from spindle.wasm.reader import Reader

COMPONENT, DEPENDENCY, PLUG, MIDDLEWARE = range(4)
"""The roles of parts: the main one, what it says by name, what fits it, what comes before it."""

_NUMBERS = provider("test:math/numbers@0.1.3", "next", "(i32.add (local.get $n) (i32.const 1))")
_USES = (("test:math/numbers@0.1.0", "next"), ("test:host/other", "other"))
_HANDLES = consumer("(call $f0 (local.get $n))", *_USES, export=HANDLER)
_PASSES_ON = consumer(
    "(call $f1 (call $f0 (local.get $n)))",
    (HANDLER, "handle"),
    ("test:host/other", "other"),
    export=HANDLER,
)
_WHOLES = (
    ((COMPONENT, SHOPPER), (DEPENDENCY, CARTS), (DEPENDENCY, TILL)),
    ((COMPONENT, SHOPPER), (PLUG, CARTS), (PLUG, TILL)),
    ((COMPONENT, TILL), (PLUG, CARTS)),
    ((COMPONENT, _HANDLES), (PLUG, _NUMBERS), (MIDDLEWARE, _PASSES_ON), (MIDDLEWARE, _PASSES_ON)),
    ((COMPONENT, _HANDLES), (DEPENDENCY, _NUMBERS), (MIDDLEWARE, _PASSES_ON)),
)


@cache
def _wholes() -> list[list[tuple[int, bytes]]]:
    return [[(role, encode(text)) for role, text in whole] for whole in _WHOLES]


def composing_input(random: Random) -> bytes:
    """Parts with their roles; one or two of them are changed, or in another's place."""
    parts = list(random.choice(_wholes()))
    for _ in range(random.choice((1, 1, 2))):
        number = random.randrange(len(parts))
        role, data = parts[number]
        if random.random() < 0.1:
            data = random.choice(random.choice(_wholes()))[1]
        parts[number] = (role, _other_version(random, sound_mutant(random, data)))
    return b"".join(bytes([role]) + unsigned(len(data)) + data for role, data in parts)


def _other_version(random: Random, data: bytes) -> bytes:
    """Now and then with other versions in its names."""
    if random.random() < 0.7:
        return data
    old, new = random.sample((b"@0.1.0", b"@0.1.3", b"@1.0.0", b"@1.2.0", b"@0.3.0", b"@2.0.0"), 2)
    return data.replace(old, new)


def check_composing(data: bytes) -> str:
    """What is put together is as valid as its parts."""
    try:
        parts = [(role, read_part(f"part {n}", of)) for n, (role, of) in enumerate(_read(data))]
    except ComponentError:
        return "malformed part"
    of_role = {role: [part for its, part in parts if its == role] for role in range(4)}
    component = of_role[COMPONENT][0]
    dependencies = [Dependency(_name(part, component), part) for part in of_role[DEPENDENCY]]
    try:
        whole = bytes(assemble(component, dependencies, of_role[MIDDLEWARE], plugs=of_role[PLUG]))
    except ComponentError as error:
        return error.code
    read_part("whole", whole)
    if all(oracle.native_problem(part.data) is None for _, part in parts):
        return f"composed, {oracle.check_agreement(whole)}"
    return "composed"


def _read(data: bytes) -> list[tuple[int, bytes]]:
    parts = []
    reader = Reader(memoryview(data), 0)
    while not reader.at_end:
        role, body = reader.byte(), reader.section()
        parts.append((role, bytes(body.data[body.position : body.end])))
    return parts


def _name(part: Part, component: Part) -> str:
    """What a manifest would call a dependency."""
    exports = list(part.type.exports)
    return next((name for name in exports if name in component.type.imports), "test:any")

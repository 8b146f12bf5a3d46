"""Any bytes as the memory of a guest: values are read from it, written back and read again."""

from __future__ import annotations

from random import Random

from tests.component.guest_memory import ENCODINGS, PTR_TYPES, GuestMemory, context

from spindle.component.canon.codec import codec
from spindle.component.canon.flatten import MAX_FLAT_PARAMS
from spindle.component.trap import Trap
from spindle.errors import SpindleError
from spindle.wasm.types import (
    CaseType,
    EnumType,
    FieldType,
    FlagsType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    StreamType,
    TupleType,
    ValType,
    VariantType,
)

SIZE = 1 << 12
MASKS = (0, 1, 3, 0xFF, SIZE - 8, (1 << 64) - 1)
PRIMITIVES = tuple(PrimValType)
KEYS = tuple(t for t in PRIMITIVES if t.value not in ("f32", "f64", "error-context"))


def abi_input(random: Random) -> bytes:
    """A seed for type, place and encoding, and a memory whose words are small or wild."""
    words = bytearray()
    wild = random.choice((0.02, 0.2, 0.9))
    while len(words) < SIZE:
        width = random.choice((1, 1, 4, 4, 8))
        number = random.getrandbits(8 * width) if random.random() < wild else random.randrange(4)
        if random.random() < 0.3:
            number = random.randrange(SIZE) & -width
        words += (number % (1 << 8 * width)).to_bytes(width, "little")
    return random.randbytes(8) + bytes(words[:SIZE])


def check_abi(data: bytes) -> str:
    """Load, lift, and lower again what was lifted; only a trap may come of it."""
    random = Random(data[:8])
    memory = GuestMemory(SIZE)
    memory.bytes[:] = data[8:].ljust(SIZE, b"\0")[:SIZE]
    pointer = random.choice(PTR_TYPES)
    cx = context(random.choice(ENCODINGS), pointer, memory=memory)
    t = any_type(random, 4)
    one = codec(t, pointer)
    room = SIZE - one.size
    at = random.randrange(room) & -one.alignment if room > 0 else None
    try:
        if at is not None:
            one.load(cx, at)
        if len(one.flat) > MAX_FLAT_PARAMS:  # never passed that way
            return "loaded"
        value = one.lift(cx, [_core_value(random, kind) for kind in one.flat])
    except Trap:
        return "trapped"
    back = GuestMemory(1 << 20)
    out = context("utf16", pointer, memory=back)
    try:
        one.lower(out, value, [])
    except SpindleError:
        return "lifted"
    return "lowered"


def _core_value(random: Random, kind: str) -> int | float:
    number = random.getrandbits(int(kind[1:]))
    return number & random.choice(MASKS) if kind[0] == "i" else number / 3


def any_type(random: Random, depth: int) -> ValType:
    """A type, of handles too."""
    if depth == 0 or random.random() < 0.2:
        return _leaf(random)

    def part() -> ValType:
        return any_type(random, depth - 1)

    def maybe() -> ValType | None:
        return part() if random.random() < 0.7 else None

    names = [f"n{i}" for i in range(random.choice((1, 2, 3, 5, 20)))]
    match random.randrange(9):
        case 0 | 1:
            return ListType(part())
        case 2:
            return ListType(part(), random.choice((1, 2, 7)))
        case 3:
            return MapType(random.choice(KEYS), part())
        case 4:
            return RecordType(tuple([FieldType(name, part()) for name in names]))
        case 5:
            return TupleType(tuple([part() for _ in names]))
        case 6:
            return VariantType(tuple([CaseType(name, maybe()) for name in names]))
        case 7:
            return OptionType(part())
        case _:
            return ResultType(maybe(), maybe())


def _leaf(random: Random) -> ValType:
    count = random.choice((1, 2, 8, 9, 17, 32))
    match random.randrange(8):
        case 0:
            return FlagsType(tuple([f"f{i}" for i in range(count)]))
        case 1:
            return EnumType(tuple([f"e{i}" for i in range(random.choice((1, 2, 256, 257)))]))
        case 2:
            return PrimValType.STRING
        case 3:
            return StreamType(PrimValType.U8)
        case _:
            return random.choice(PRIMITIVES)

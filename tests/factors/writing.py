"""A process that writes to a key-value store, until it is done or killed.

`python -m tests.factors.writing FILE set START COUNT` sets keys and says each that is kept;
`… count KEY COUNT` adds one to a number so many times.
"""

import asyncio
import sys
from pathlib import Path

from spindle.factors.key_value.sqlite_store import SqliteStore, SqliteStores

TOGETHER = 5


async def _set(store: SqliteStore, numbers: range) -> None:
    for number in numbers:
        await store.set(f"key {number}", b"%d" % number * 1000)
        print(number, flush=True)  # noqa: T201 - it is what the test reads


async def main(file: str, what: str, which: str, count: str) -> None:
    stores = SqliteStores(Path(file))
    store = await stores.open("default")
    if what == "set":
        ranges = [range(int(which) + n, int(which) + int(count), TOGETHER) for n in range(TOGETHER)]
        await asyncio.gather(*(_set(store, numbers) for numbers in ranges))
    else:
        for _ in range(int(count)):
            await store.increment(which, 1)
    await stores.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

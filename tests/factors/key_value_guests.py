"""The same things done with key-value stores by guests of each language and interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.labs import Laboratory

PYTHON_3 = """
store = await key_value.open({label!r})
await store.set({key!r} + "a", b"one")
await store.set({key!r} + "a", b"\\0two")
await store.set({key!r} + "b", b"")
keys = sorted(await util.collect(await store.get_keys()))
found = [await store.get({key!r} + name) for name in "abc"]
there = [await store.exists({key!r} + name) for name in "abc"]
for name in "aabc":
    await store.delete({key!r} + name)
there.append(await store.exists({key!r} + "a"))
return found, there, [key for key in keys if key.startswith({key!r})]
"""
PYTHON_OBJECTS = """
store = {open}({label!r})
store.set({key!r} + "a", b"one")
store.set({key!r} + "a", b"\\0two")
store.set({key!r} + "b", b"")
keys = sorted(store.{keys})
found = [store.get({key!r} + name) for name in "abc"]
there = [store.exists({key!r} + name) for name in "abc"]
for name in "aabc":
    store.delete({key!r} + name)
there.append(store.exists({key!r} + "a"))
return found, there, [key for key in keys if key.startswith({key!r})]
"""
JAVASCRIPT_OBJECTS = """
const store = {open}({label!r});
const bytes = (text) => new TextEncoder().encode(text);
store.set({key!r} + "a", bytes("one"));
store.set({key!r} + "a", bytes("\\0two"));
store.set({key!r} + "b", bytes(""));
const keys = Array.from(store.{keys}).sort();
const found = ["a", "b", "c"].map((name) => store.get({key!r} + name) ?? null);
const there = ["a", "b", "c"].map((name) => store.exists({key!r} + name));
for (const name of ["a", "a", "b", "c"]) store.delete({key!r} + name);
there.push(store.exists({key!r} + "a"));
return [found, there, keys.filter((key) => key.startsWith({key!r}))];
"""
JAVASCRIPT_NUMBERS = """
const kv = imported["fermyon:spin/key-value"];
const store = kv.open({label!r});
const bytes = (text) => new TextEncoder().encode(text);
kv.set(store, {key!r} + "a", bytes("one"));
kv.set(store, {key!r} + "a", bytes("\\0two"));
kv.set(store, {key!r} + "b", bytes(""));
const keys = Array.from(kv.getKeys(store)).sort();
const found = ["a", "b"].map((name) => kv.get(store, {key!r} + name));
try {{
  kv.get(store, {key!r} + "c");
}} catch (error) {{
  found.push(error.payload.tag === "no-such-key" ? null : error.payload);
}}
const there = ["a", "b", "c"].map((name) => kv.exists(store, {key!r} + name));
for (const name of ["a", "a", "b", "c"]) kv.delete(store, {key!r} + name);
there.push(kv.exists(store, {key!r} + "a"));
kv.close(store);
return [found, there, keys.filter((key) => key.startsWith({key!r}))];
"""

PYTHON_WASI = """
bucket = {store}.open({label!r})
cas = {atomics}.Cas.new(bucket, {key!r} + "swapped")
{atomics}.swap(cas, b"first")
cas = {atomics}.Cas.new(bucket, {key!r} + "swapped")
seen = [cas.current()]
bucket.set({key!r} + "swapped", b"by another")
try:
    {atomics}.swap(cas, b"mine")
except Err as error:
    seen.append(type(error.value).__name__)
    fresh = error.value.value
    {atomics}.swap(fresh, b"mine")
seen.append(bucket.get({key!r} + "swapped"))
absent = {atomics}.Cas.new(bucket, {key!r} + "absent")
seen.append(absent.current())
{atomics}.swap(absent, b"new")
counts = [{atomics}.increment(bucket, {key!r} + "count", delta) for delta in (5, 2)]
names = [{key!r} + name for name in "xyz"]
{batch}.set_many(bucket, [(name, name.encode()) for name in names[:2]])
many = sorted((key[-1], value) for key, value in {batch}.get_many(bucket, names))
{batch}.delete_many(bucket, [*names, *({key!r} + name for name in ("swapped", "absent", "count"))])
left = [key for key in bucket.list_keys(None).keys if key.startswith({key!r})]
refused = None
try:
    bucket.list_keys("next")
except Err as error:
    refused = type(error.value).__name__, error.value.value
return seen, counts, [[key, bytes(value)[-1:]] for key, value in many], left, refused
"""
JAVASCRIPT_WASI = """
const atomics = imported["wasi:keyvalue/atomics@0.2.0-draft2"];
const batch = imported["wasi:keyvalue/batch@0.2.0-draft2"];
const bucket = imported["wasi:keyvalue/store@0.2.0-draft2"].open({label!r});
const bytes = (text) => new TextEncoder().encode(text);
atomics.swap(atomics.Cas["new"](bucket, {key!r} + "swapped"), bytes("first"));
const cas = atomics.Cas["new"](bucket, {key!r} + "swapped");
const seen = [cas.current()];
bucket.set({key!r} + "swapped", bytes("by another"));
try {{
  atomics.swap(cas, bytes("mine"));
}} catch (error) {{
  seen.push(error.payload.tag === "cas-failed" ? "CasError_CasFailed" : error.payload);
  atomics.swap(error.payload.val, bytes("mine"));
}}
seen.push(bucket.get({key!r} + "swapped"));
const absent = atomics.Cas["new"](bucket, {key!r} + "absent");
seen.push(absent.current() ?? null);
atomics.swap(absent, bytes("new"));
const counts = [5n, 2n].map((delta) => atomics.increment(bucket, {key!r} + "count", delta));
const names = ["x", "y", "z"].map((name) => {key!r} + name);
batch.setMany(bucket, names.slice(0, 2).map((name) => [name, bytes(name)]));
const many = batch.getMany(bucket, names).map(([key, value]) => [key.at(-1), value.slice(-1)]);
many.sort((one, other) => (one[0] < other[0] ? -1 : 1));
const others = ["swapped", "absent", "count"].map((name) => {key!r} + name);
batch.deleteMany(bucket, names.concat(others));
const left = Array.from(bucket.listKeys(undefined).keys).filter((key) => key.startsWith({key!r}));
let refused = null;
try {{
  bucket.listKeys("next");
}} catch (error) {{
  refused = [error.payload.tag === "other" ? "Error_Other" : "", error.payload.val];
}}
return [seen, counts, many, left, refused];
"""


@dataclass(frozen=True, slots=True)
class Way:
    """A guest, and how it uses an interface."""

    guest: str
    code: str
    names: tuple[tuple[str, str], ...] = ()
    """Where the interface's parts are."""

    def do(self, host: Laboratory, label: str, key: str) -> Any:
        """Do it with keys that begin with `key`."""
        return host.run(self.code.format(label=label, key=key, **dict(self.names)), self.guest)


def _objects(guest: str, code: str, open: str, keys: str) -> Way:
    return Way(guest, code, (("open", open), ("keys", keys)))


WAYS = {
    "python 3.0.0": Way("lab-python", PYTHON_3),
    "python 2.0.0": _objects(
        "lab-python", PYTHON_OBJECTS, "fermyon_spin_key_value_2_0_0.Store.open", "get_keys()"
    ),
    "python wasi": _objects(
        "lab-python",
        PYTHON_OBJECTS,
        "wasi_keyvalue_store_0_2_0_draft2.open",
        "list_keys(None).keys",
    ),
    "python 0.2 2.0.0": _objects("lab-python-2", PYTHON_OBJECTS, "key_value.open", "get_keys()"),
    "python 0.2 wasi": _objects(
        "lab-python-2", PYTHON_OBJECTS, "wasi_keyvalue_store.open", "list_keys(None).keys"
    ),
    "javascript 2.0.0": _objects(
        "lab-javascript",
        JAVASCRIPT_OBJECTS,
        'imported["fermyon:spin/key-value@2.0.0"].Store.open',
        "getKeys()",
    ),
    "javascript unversioned": Way("lab-javascript", JAVASCRIPT_NUMBERS),
    "javascript wasi": _objects(
        "lab-javascript",
        JAVASCRIPT_OBJECTS,
        'imported["wasi:keyvalue/store@0.2.0-draft2"].open',
        "listKeys(undefined).keys",
    ),
}
WASI_WAYS = {
    "python": Way(
        "lab-python",
        PYTHON_WASI,
        tuple(
            (name, f"wasi_keyvalue_{name}_0_2_0_draft2") for name in ("store", "atomics", "batch")
        ),
    ),
    "python 0.2": Way(
        "lab-python-2",
        PYTHON_WASI,
        (("store", "wasi_keyvalue_store"), ("atomics", "atomics"), ("batch", "batch")),
    ),
    "javascript": Way("lab-javascript", JAVASCRIPT_WASI),
}

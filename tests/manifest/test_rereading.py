"""Reading an edited text again against reading it as a whole."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spindle.manifest import Document, Node, read_document, read_manifest
from spindle.manifest.rereading import ManifestRereader, Rereader

PATH = Path("spin.toml")

MANIFEST = """\
spin_manifest_version = 2  # the version
[application]
name = "many"

[application.trigger.redis]
address = "redis://localhost"

[variables]
token = { required = true }

[[trigger.http]]
route = "/a"
component = "a"

[[trigger.http]]
route = "/b"
[trigger.http.component]
source = "b.wasm"

[[trigger.http]]
route = "/a"
component = "a"

[component.a]
source = "a.wasm"
description = \"\"\"
[component.no]
text\"\"\"
files = [
  "x",
  "y",
]
[component.b]
source = "ä𝄞.wasm"

[component.a.build]
command = "make"
"""

PLAIN = MANIFEST.replace("[component.no]\n", "")

lines = st.sampled_from(
    [
        "[component.c]",
        "[component.a]",
        "[[component.a]]",
        "[trigger.http]",
        "[[trigger.http]]",
        "[[trigger.redis]]",
        "[application]",
        "[component",
        "[component.'x y']",
        "[]",
        "component.z.source = 1",
        "trigger = 3",
        'text = """',
        "x = [",
        "]",
        "[1],",
        "rou",
        "a.b = 1",
        "source = 'other'",
        "",
        "# comment [x]",
    ]
)


def same(one: Node, other: Node) -> bool:
    """Whether two trees have equal values at equal places, in equal order."""
    if (one.span, one.key) != (other.span, other.key):
        return False
    if one.table is not None and other.table is not None:
        return list(one.table) == list(other.table) and all(
            same(child, other.table[key]) for key, child in one.table.items()
        )
    if one.array is not None and other.array is not None:
        return len(one.array) == len(other.array) and all(map(same, one.array, other.array))
    return one.plain() == other.plain()


def check(read: Document, text: str) -> None:
    whole = read_document(PATH, text)
    if not whole.diagnostics:
        assert same(read.root, whole.root)
        assert read.diagnostics == ()
    else:
        # How far a mistake reaches may differ, but not whether there is one.
        assert read.diagnostics
    for diagnostic in read.diagnostics:
        assert diagnostic.span is not None
        assert diagnostic.span.end.line < len(text.split("\n"))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 40), st.booleans(), lines), max_size=8))
def test_lines_put_in_and_taken_out(edits: list[tuple[int, bool, str]]) -> None:
    rereader = Rereader()
    text = MANIFEST.split("\n")
    check(rereader.read(PATH, MANIFEST), MANIFEST)
    for at, replaces, line in edits:
        text[at : at + replaces] = [line]
        check(rereader.read(PATH, "\n".join(text)), "\n".join(text))


@pytest.mark.parametrize(("newline", "step"), [("\n", 2), ("\r\n", 7)])
def test_prefixes(newline: str, step: int) -> None:
    rereader = Rereader()
    text = MANIFEST.replace("\n", newline)
    for end in range(0, len(text) + 1, step):
        check(rereader.read(PATH, text[:end]), text[:end])


def test_random_characters() -> None:
    rereader = Rereader()
    chance = random.Random(7)
    for _ in range(150):
        text = list(MANIFEST)
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(text))
            text[at : at + chance.randrange(2)] = chance.choice("[]{}=\"'\\.,# \nax")
        check(rereader.read(PATH, "".join(text)), "".join(text))


def test_what_did_not_change_is_kept() -> None:
    rereader = Rereader()
    before = rereader.read(PATH, PLAIN).root
    after = rereader.read(PATH, PLAIN.replace("name = ", "\nname  = ")).root
    assert rereader.moved
    assert after.get("component", "b") is before.get("component", "b")
    assert after.get("trigger", "http", 1) is before.get("trigger", "http", 1)
    assert after.get("application") is not before.get("application")
    rereader.read(PATH, PLAIN.replace("name = ", "\nname =  "))
    assert not rereader.moved


def test_a_mistake_stays_in_its_table() -> None:
    text = PLAIN.replace('route = "/a"', 'route = "/a', 1)
    document = Rereader().read(PATH, text)
    assert [d.span.start.line for d in document.diagnostics if d.span] == [11]
    assert document.root.get("component", "a", "build", "command") is not None


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 40), st.booleans(), lines), max_size=8))
def test_a_manifest_is_read_as_if_for_the_first_time(edits: list[tuple[int, bool, str]]) -> None:
    rereader = ManifestRereader()
    text = PLAIN.split("\n")
    for at, replaces, line in edits:
        text[at : at + replaces] = [line]
        document, manifest, found = rereader.read(PATH, "\n".join(text))
        whole, expected = read_manifest(PATH, "\n".join(text))
        if not document.diagnostics:
            assert (manifest, found) == (whole, expected)

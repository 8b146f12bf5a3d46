"""The schema as JSON schema and as pages: one source, and the reader agrees."""

from __future__ import annotations

import json
import re
import string
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from spindle.cli.root import run
from spindle.cli.schema import TITLES
from spindle.diagnostics import has_errors
from spindle.manifest import ids, v2
from spindle.manifest.json_schema import to_json_schema
from spindle.manifest.reader import Reader
from spindle.manifest.schema import (
    AnyTable,
    Anything,
    Array,
    Boolean,
    Choice,
    Integer,
    Map,
    Record,
    Tagged,
    Text,
    Type,
)
from spindle.manifest.tree import read_document
from spindle.runtime_config.schema import RUNTIME_CONFIG

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "reference"
ROOTS = {"manifest": v2.MANIFEST, "runtime-config": RUNTIME_CONFIG}
VALIDATORS = {
    name: Draft7Validator(json.loads(json.dumps(to_json_schema(root, name))))
    for name, root in ROOTS.items()
}
GRAMMARS = [value for value in vars(ids).values() if isinstance(value, ids.Grammar)]


def _is_read_well(root: Record, text: str) -> bool:
    document = read_document(Path("x.toml"), text)
    reader = Reader(Path("x.toml"))
    reader.read(root, document.root)
    return not has_errors((*document.diagnostics, *reader.diagnostics))


@pytest.mark.parametrize("name", TITLES)
def test_pages_are_up_to_date(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = (PAGES / f"{name}.md").read_text()
    run(["schema", name, "--format", "markdown"])
    assert page == capsys.readouterr().out
    anchors = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^## (.*)$", page, re.M)
    }
    assert set(re.findall(r"\]\(#(.*?)\)", page)) <= anchors


@pytest.mark.parametrize("name", TITLES)
def test_the_command_prints_a_schema(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["schema", name])
    schema = json.loads(capsys.readouterr().out)
    Draft7Validator.check_schema(schema)
    assert schema["$schema"].endswith("draft-07/schema#")


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda grammar: grammar.noun)
@given(data=st.data())
def test_patterns_are_the_grammars(grammar: ids.Grammar, data: st.DataObject) -> None:
    texts = st.one_of(
        st.from_regex(grammar.pattern, fullmatch=True),
        st.text(st.sampled_from("aZ09-_:/@.+ ä\n"), max_size=12),
        st.from_regex("[a-z]{1,2}[-_:][A-Z]{1,2}[/@.][0-9a]", fullmatch=True),
    )
    text = data.draw(texts)
    assert (re.fullmatch(grammar.pattern, text) is None) == (grammar.problem(text) is not None)


MANIFESTS = sorted(
    path
    for folder in ("examples", "tests/manifest/cases")
    for path in (ROOT / folder).rglob("*.toml")
    if "node_modules" not in path.parts
)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_manifests_there_are(path: Path) -> None:
    text = path.read_bytes().decode()
    if _is_read_well(v2.MANIFEST, text):
        VALIDATORS["manifest"].validate(tomllib.loads(text.removeprefix("\ufeff")))


WRONG = [
    ("manifest", {"spin_manifest_version": 1}),
    ("manifest", {"spin_manifest_version": 2, "application": {"nam": "x"}, "trigger": {}}),
    ("manifest", {"component": {"A b": {"source": "x"}}}),
    ("runtime-config", {"key_value_store": {"a": {"type": "redis"}}}),
    ("runtime-config", {"nonsense": 1}),
]


@pytest.mark.parametrize(("name", "data"), WRONG)
def test_what_is_wrong_is_refused(name: str, data: dict[str, Any]) -> None:
    assert not VALIDATORS[name].is_valid(data)


WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=3)
ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.booleans(), st.integers(-3, 70000), WORDS, st.just({}), st.just([])
)


def _values(type_: Type) -> st.SearchStrategy[Any]:
    """Values of a type."""
    match type_:
        case Text(None):
            return WORDS
        case Text(grammar):
            assert grammar is not None
            return st.from_regex(grammar.pattern, fullmatch=True)
        case Integer(minimum, maximum):
            return st.integers(minimum or 0, maximum or 99)
        case Boolean():
            return st.booleans()
        case Anything():
            return ANYTHING
        case AnyTable():
            return st.dictionaries(WORDS, ANYTHING, max_size=2)
        case Array(of):
            return st.lists(_mostly(of), max_size=2)
        case Map(of, keys):
            names = WORDS if keys is None else _values(Text(keys))
            return st.dictionaries(names, _mostly(of), max_size=2)
        case Record():
            return _tables(type_)
        case Choice(alternatives):
            return st.one_of(*(_values(one) for one in alternatives))
        case Tagged(variants):
            tables = (st.tuples(st.just(tag), _tables(record)) for tag, record in variants.items())
            return st.one_of(*tables).map(lambda drawn: {**drawn[1], "type": drawn[0]})


def _mostly(type_: Type) -> st.SearchStrategy[Any]:
    """Values of a type, and now and then one that is not."""
    right = st.deferred(lambda: _values(type_))
    return st.integers(0, 30).flatmap(lambda n: ANYTHING if n == 0 else right)


def _tables(record: Record) -> st.SearchStrategy[Any]:
    needed = {key.name: _mostly(key.type) for key in record.keys if key.required}
    others = {key.name: _mostly(key.type) for key in record.keys if not key.required}
    return st.fixed_dictionaries(needed, optional=others)


def _toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            entries = (f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items())
            return f"{{ {', '.join(entries)} }}"
        case _:
            return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("name", ROOTS)
@given(data=st.data())
def test_what_the_reader_accepts_the_schema_accepts(name: str, data: st.DataObject) -> None:
    table = data.draw(_tables(ROOTS[name]))
    text = "".join(f"{json.dumps(key)} = {_toml(value)}\n" for key, value in table.items())
    if _is_read_well(ROOTS[name], text):
        VALIDATORS[name].validate(tomllib.loads(text))


def test_texts_whose_rule_no_expression_says_may_be_any() -> None:
    config = {"outbound_networking": {"block_networks": ["10.0.0.0/8", "private"]}}
    VALIDATORS["runtime-config"].validate(config)

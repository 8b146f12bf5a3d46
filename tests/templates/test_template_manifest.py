"""What a template says of itself, and what may be wrong with that."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.templates import InvalidTemplate
from spindle.templates.template_manifest import METADATA, read_template

HEAD = 'manifest_version = "1"\nid = "x"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / METADATA
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return folder


def test_what_is_read(tmp_path: Path) -> None:
    template = read_template(
        written(
            tmp_path,
            HEAD
            + """
description = "It"
tags = ["HTTP"]
trigger_type = "http"
[add_component]
skip_files = ["spin.toml"]
skip_parameters = ["b"]
snippets = { component = "component.txt" }
[add_component.conditions.redis]
condition = { manifest_entry_exists = "application.trigger.redis" }
skip_parameters = ["a"]
skip_snippets = ["component"]
[parameters]
a = { type = "string", prompt = "A", default = "1", pattern = '^[0-9]+$' }
b = { type = "string", prompt = "B", allowed_values = ["x", "y"] }
[outputs]
o = { action = "create_dir", path = "{{ a }}", at = "manifest" }
""",
        )
    )
    assert (template.id, template.description, *template.tags) == ("x", "It", "http")
    a, b = template.parameters
    assert (a.problem("12"), a.problem("1x")) == (None, "it must match `^[0-9]+$`")
    assert (b.problem("x"), b.problem("z")) == (None, "it must be one of `x`, `y`")
    assert a.problem("1\n") == "line breaks and control characters can't be part of it"
    assert template.application is not None
    assert list(template.parameters_of(template.application)) == [a, b]
    assert template.component is not None
    assert list(template.parameters_of(template.component.resolved({}))) == [a]
    there = template.component.resolved({"application": {"trigger": {"redis": {}}}})
    assert list(template.parameters_of(there)) == []
    assert there.snippets == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", '`manifest_version` must be "1"'),
        ("manifest_version = 1\n", '`manifest_version` must be "1"'),
        ('manifest_version = "1"\n', "`id` must be a string"),
        (HEAD + "x = 1\n", "a template has no key `x`"),
        (HEAD + "[custom_filters]\n", "`custom_filters` are not supported any more"),
        (HEAD + "tags = 1\n", "`tags` must be strings"),
        (HEAD + 'parameters = { a = "" }\n', "`a` must be a table"),
        (
            HEAD + 'parameters = { a = { type = "number", prompt = "" } }\n',
            "parameter `a` has the type `number`; there is only `string`",
        ),
        (
            HEAD + 'parameters = { a = { type = "string", prompt = "", pattern = "(" } }\n',
            "the pattern of parameter `a` is wrong: missing ), unterminated subpattern",
        ),
        (
            HEAD + 'outputs = { a = { action = "run", path = "" } }\n',
            "an output has the action `run`; there is only `create_dir`",
        ),
        (
            HEAD + 'add_component = { snippets = { evil = "x" } }\n',
            "nothing is known of a snippet `evil`",
        ),
        ("id = \n", "Invalid value"),
    ],
)
def test_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        read_template(written(tmp_path, text))
    assert problem in caught.value.message


@given(st.text(alphabet=st.sampled_from('ab=[]{}"\n. 1'), max_size=40))
def test_whatever_it_says_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("template")
    with suppress(InvalidTemplate):
        assert read_template(written(folder, HEAD + text)).id == "x"

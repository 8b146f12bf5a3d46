"""A repository of templates as other people make them, for tests."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "greeter/metadata/spin-template.toml": """\
manifest_version = "1"
id = "greeter"
description = "Greets"
tags = ["Greeting"]

[add_component]
skip_files = ["spin.toml", "docs/only-new.md"]
skip_parameters = ["about"]
[add_component.snippets]
component = "component.txt"
application_trigger = "trigger.txt"
variables = "variables.txt"
[add_component.conditions.has_trigger]
condition = { manifest_entry_exists = "application.trigger.redis" }
skip_parameters = ["address"]
skip_snippets = ["application_trigger"]

[parameters]
about = { type = "string", prompt = "About", default = "" }
channel = { type = "string", prompt = "Channel", default = "news" }
address = { type = "string", prompt = "Address", default = "redis://localhost:6379" }

[outputs]
data = { action = "create_dir", path = "{{ channel }}/data" }
shared = { action = "create_dir", path = "shared", at = "manifest" }
""",
    "greeter/metadata/snippets/component.txt": """\
[[trigger.redis]]
channel = "{{ channel }}"
component = "{{ project-name | kebab_case }}"

[component.{{ project-name | kebab_case }}]
source = "{{ output-path }}/app.wasm"
""",
    "greeter/metadata/snippets/trigger.txt": """\
[application.trigger.redis]
address = "{{ address }}"
""",
    "greeter/metadata/snippets/variables.txt": """\
greeting = { default = "hello" }
token = { required = true, secret = true }
""",
    "greeter/metadata/partials/licence.txt": "By {{ project-name }}",
    "greeter/content/spin.toml": """\
spin_manifest_version = 2

[application]
name = "{{ project-name | kebab_case }}"
description = "{{ about }}"

[application.trigger.redis]
address = "{{ address }}"

[[trigger.redis]]
channel = "{{ channel }}"
component = "{{ project-name | kebab_case }}"

[component.{{ project-name | kebab_case }}]
source = "app.wasm"
""",
    "greeter/content/Cargo.toml.tmpl": "{{ project-name | snake_case | pascal_case }}",
    "greeter/content/docs/only-new.md": "{% include 'licence.txt' %}",
    "greeter/content/not-liquid.txt": "{% what is this %}",
    "greeter/content/.gitignore": "target/\n",
    "broken/metadata/spin-template.toml": "manifest_version = '2'\n",
}


def make_repository(root: Path, *, broken: bool = False) -> Path:
    """The files below `templates` of a folder."""
    for name, text in FILES.items():
        if broken or not name.startswith("broken/"):
            path = root / "templates" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    (root / "templates/greeter/content/picture.bin").write_bytes(b"\xff{{ x }}\x00")
    return root

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Guest = Callable[[str], Path]
Up = Callable[..., Any]


@pytest.mark.parametrize("name", ["python-hello", "javascript-hello"])
def test_greets_whoever_the_path_names(name: str, guest: Guest, up: Up) -> None:
    host = up(guest(f"examples/{name}"))
    answers = {path: host.get(path) for path in ["/", "/Ada", "/Gr%C3%A9goire", "/x?y=z"]}
    assert {path: (answer.status, answer.text) for path, answer in answers.items()} == {
        "/": (200, "Hello, world!\n"),
        "/Ada": (200, "Hello, Ada!\n"),
        "/Gr%C3%A9goire": (200, "Hello, Grégoire!\n"),
        "/x?y=z": (200, "Hello, x!\n"),
    }
    assert answers["/"].headers.get_content_type() == "text/plain"


def test_wagi_reads_its_request_as_a_cgi_program_does(guest: Guest, up: Up) -> None:
    host = up(guest("examples/wagi-hello"))
    answer = host.request("POST", "/a/b?c=1&d", b"the body\n")
    assert answer.status == 200
    assert answer.text.splitlines() == [
        "Hello from WAGI/1",
        "POST /a/b?c=1&d",
        "argument: c=1",
        "argument: d",
        "the body",
    ]


@pytest.mark.parametrize("name", ["rust-p2", "rust-p3"])
def test_rust_guest_is_served_from_its_wasm_alone(name: str, guest: Guest, up: Up) -> None:
    answer = up(guest(name)).get("/any/path")
    assert (answer.status, answer.text) == (200, "Hello World!")

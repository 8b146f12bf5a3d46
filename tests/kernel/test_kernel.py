"""The kernel as a front end meets it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.kernel.conftest import BEGINS, Notebook

ZOO = Path(__file__).parent.parent / "typed" / "zoo.wat"


def test_python_is_as_ever(notebook: Notebook) -> None:
    assert notebook.text("1 + 1") == "2"
    assert notebook.text("%timeit -q -n1 -r1 pass\n[*range(3)]") == "[0, 1, 2]"
    assert notebook.run("print('x')")[0]["text"] == "x\n"
    assert "hostname" not in notebook.error("open('/nowhere')")


def test_request_cells(notebook: Notebook) -> None:
    [shown] = notebook.run("GET /hello")
    assert shown["data"]["text/plain"].startswith("GET /hello → 200 in ")
    assert "hello from the text format" in shown["data"]["text/html"]
    assert notebook.text("_.status") == "200"
    first, second = notebook.run("# two\nGET /hello\n\n###\nGET /traps")
    assert (first["type"], second["type"]) == ("display_data", "execute_result")
    assert "trap" in second["data"]["text/html"]


def test_live_cells(notebook: Notebook) -> None:
    assert len(notebook.run("%%http --live\nGET /hello")) == 1
    assert [shown["type"] for shown in notebook.run("%reload")] == ["display_data"]
    notebook.run("%%http\nGET /hello")
    assert "`%%http` takes `--live` only" in notebook.error("%%http --quick\nGET /hello")


def test_the_application_as_an_object(notebook: Notebook) -> None:
    notebook.run("app.kv['colour'] = 'green'")
    assert "colour" in notebook.text("app.kv")
    assert notebook.text("(await app.aio.get('/hello')).text") == "'hello from the text format'"
    notebook.run("app.sql('create table if not exists things (name text)')")
    [rows] = notebook.run("app.sql('select count(*) as n from things')")
    assert "<td" in rows["data"]["text/html"]
    [bench] = notebook.run("app.bench('GET /hello', 20)")
    assert "p99" in bench["data"]["text/html"]


def test_errors_are_said_without_a_traceback(notebook: Notebook) -> None:
    said = notebook.error("%up /nowhere/at/all")
    assert said.startswith("ManifestError: error[manifest-not-found]")
    assert "Traceback" not in said
    assert notebook.error("GET /{{nothing}}").startswith("CellError: `nothing` cannot be evaluated")


def test_a_broken_manifest_is_shown_with_its_place(notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "spin.toml").write_text('spin_manifest_version = 2\n[application]\nnam = "x"\n')
    said = notebook.error(f"%up {tmp_path}")
    assert 'nam = "x"' in said
    assert notebook.text("app.get('/hello').status") == "200"


def test_typed_exports(notebook: Notebook) -> None:
    notebook.run(f"c = component({str(ZOO)!r})")
    assert "resource counter" in notebook.text("c")
    assert notebook.text("c.counters.Counter(3).next()") == "4"
    assert notebook.error("c.quick(-1)").startswith("ArgumentError: `quick`: parameter `n`")
    assert notebook.error("c.fault()").startswith("Trap: wasm `unreachable`")
    with_trace = "with trace() as t:\n    c.calls()\nt"
    assert notebook.text(with_trace).startswith("→ calls() = 1")


def test_completion_and_inspection(notebook: Notebook) -> None:
    notebook.run(f"c = component({str(ZOO)!r})\napp.routes()")
    assert notebook.complete("GET /tr") == ["/traps"]
    assert notebook.complete("c.flows.s") == ["settle", "source", "sum", "sum_words"]
    assert notebook.complete("app.rel") == ["reload"]
    assert notebook.complete("impor") == ["import"]
    found = notebook.client.inspect("c.quick", reply=True, timeout=60)["content"]
    assert "quick: func(n: u32) -> result<u32, string>" in found["data"]["text/plain"]


def test_interrupts_leave_the_kernel_alive(notebook: Notebook) -> None:
    notebook.run(f"c = component({str(ZOO)!r})\nc.calls()")
    notebook.run(f"def begins():\n    print({BEGINS!r}, end='', flush=True)\n    return ''")
    for cell in ("begins()\nc.spin()", "GET /loops{{begins()}}", "begins()\napp.get('/loops')"):
        assert "KeyboardInterrupt" in notebook.error(cell, interrupted=True)
    for cell in ("await app.aio.get('/loops')", "app.get('/loops')", "c.spin()"):
        cell = f"import asyncio\nawait asyncio.sleep(0)\nbegins()\n{cell}"
        said = notebook.error(cell, interrupted=True)
        assert "CancelledError" in said or "KeyboardInterrupt" in said
    assert notebook.text("c.calls()") == "1"
    assert notebook.text("app.get('/hello').status") == "200"


def test_input(notebook: Notebook) -> None:
    shown = notebook.run("print(input('who? ') + '!')", stdin="Ada")
    assert shown[-1]["text"] == "Ada!\n"


def test_a_restart_frees_everything(notebook: Notebook) -> None:
    info = notebook.text("app.url")
    notebook.manager.restart_kernel(now=False)
    notebook.client.wait_for_ready(timeout=120)
    assert "no application is open yet" in notebook.text("app")
    assert notebook.text("app.get('/hello').status") == "200"
    assert notebook.text("app.url") != info


def test_the_specification(specification: Path) -> None:
    spec = json.loads((specification / "kernel.json").read_text())
    assert spec["display_name"] == "Spindle"
    assert spec["argv"][1:3] == ["-m", "spindle_kernel"]
    assert (specification / "logo-64x64.png").read_bytes().startswith(b"\x89PNG")

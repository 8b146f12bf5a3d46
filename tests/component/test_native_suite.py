"""What scripts of ours say of synchronous components, wasmtime's component API says too."""

from pathlib import Path

from tests.component.native_suite import compare

FOLDER = Path(__file__).parent / "wast"
DEFINITIONS_SAY_OTHERWISE = {"one-stack.wast"}
"""A child calls its parent, which calls the child again: by the reference definitions the parent
may be entered there and the child not, before it has returned; wasmtime enters the child, too."""


def test_scripts_mean_the_same_to_wasmtime() -> None:
    counts, problems = compare(FOLDER)
    assert [p for p in problems if p.partition(":")[0] not in DEFINITIONS_SAY_OTHERWISE] == []
    assert counts["calls alike"]
    assert counts["traps alike"]

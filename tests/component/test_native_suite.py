"""What scripts of ours say of synchronous components, wasmtime's component API says too."""

from pathlib import Path

from tests.component.native_suite import compare

FOLDER = Path(__file__).parent / "wast"
DEFINITIONS_SAY_OTHERWISE = {"one-stack.wast"}
"""The reference definitions let no component be entered from what it calls; wasmtime does."""


def test_scripts_mean_the_same_to_wasmtime() -> None:
    counts, problems = compare(FOLDER)
    assert [p for p in problems if p.partition(":")[0] not in DEFINITIONS_SAY_OTHERWISE] == []
    assert counts["calls alike"]
    assert counts["traps alike"]

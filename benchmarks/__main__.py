"""Compare `spindle up` with `wasmtime serve`: see README.md."""

import argparse
import json
import platform
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.apps import application, guest
from benchmarks.artefacts import artefacts, artefacts_line
from benchmarks.capture import capture_us
from benchmarks.composed import composed_calls, composed_line
from benchmarks.crowding import crowding, crowding_line
from benchmarks.dependencies import added, added_line
from benchmarks.history import keeping, keeping_line, search_line, searches
from benchmarks.keyvalue import access_line, accesses
from benchmarks.language import language_figures, language_heading, language_line
from benchmarks.loads import LOADS, Load, Sample, measure
from benchmarks.notebooks import notebook_figures, notebook_line
from benchmarks.outbound import outbound, outbound_line
from benchmarks.replays import replays, replays_line
from benchmarks.report import load_heading, load_line, start_heading, start_line
from benchmarks.rows import rate_line, rates
from benchmarks.runtime import figure_line, runtime_figures
from benchmarks.saves import saves, saves_line
from benchmarks.servers import Launch, Server, precompile, running, spindle, wasmtime
from benchmarks.starts import starts
from benchmarks.swaps import swaps, swaps_line
from benchmarks.terminal import first_frames, first_frames_line, frames, frames_line

ONE_REQUEST = ["--max-instance-reuse-count", "1"]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds of load, seconds each, and repeated starts."""

    rounds: int
    seconds: float
    starts: int


FULL = Effort(rounds=5, seconds=2.0, starts=3)
QUICK = Effort(rounds=3, seconds=0.5, starts=1)


def rounds(load: Load, scratch: Path, effort: Effort) -> tuple[list[Sample], list[Sample]]:
    """Samples of both servers, taken in turn, in changing order, while both run."""
    with ExitStack() as stack:
        pair = [stack.enter_context(running(launch)) for launch in _launches(load, scratch)]
        for server in pair:
            measure(server, load, effort.seconds)
            server.settle()
        samples: dict[int, list[Sample]] = {server.port: [] for server in pair}
        for number in range(effort.rounds):
            for server in _turns(pair, number):
                samples[server.port].append(measure(server, load, effort.seconds))
        return samples[pair[0].port], samples[pair[1].port]


def _turns(pair: list[Server], number: int) -> list[Server]:
    return pair if number % 2 else pair[::-1]


def _launches(load: Load, scratch: Path) -> list[Launch]:
    component = guest(load.guest)
    app = application([component], scratch / load.guest)
    options = ONE_REQUEST if load.fresh else []
    ours = spindle(app, scratch / "caches", options)
    return [ours, wasmtime(precompile(component, scratch), options)]


def main() -> None:
    """Print the tables as their lines come in."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter rounds, wider error")
    parser.add_argument("--only", default="", metavar="TEXT", help="titles with TEXT in them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to FILE")
    options = parser.parse_args()
    effort = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory(prefix="spindle-bench-") as scratch:
        samples = run(effort, options.only.lower(), Path(scratch))
    if options.json:
        options.json.write_text(json.dumps(samples, indent=1))


def run(effort: Effort, only: str, scratch: Path) -> dict[str, object]:
    """Measure what has `only` in its title; every sample by title."""
    samples: dict[str, object] = {}
    _say(f"{platform.machine()} {platform.system()}, Python {platform.python_version()}\n")
    chosen = [load for load in LOADS if only in load.title.lower()]
    if chosen:
        _say(load_heading())
    for load in chosen:
        ours, theirs = rounds(load, scratch, effort)
        samples[load.title] = {"spindle": ours, "wasmtime serve": theirs}
        _say(load_line(load, ours, theirs))
    if only in "capture":
        samples["capture"] = cost = capture_us()
        _say(f"\nrecording a small request adds {cost:.1f} µs of CPU")
        for kept in keeping(scratch, effort.rounds, effort.seconds):
            samples[f"capture, {kept.what}"] = kept._asdict()
            _say(keeping_line(kept))
    if only in "filters of exchanges":
        _say("")
        for search in searches():
            samples[f"filter, {search.where}"] = search._asdict()
            _say(search_line(search))
    if only in "replays":
        _say("")
        for replayed in replays(scratch, effort.seconds):
            samples[f"replays, {replayed.guest}"] = asdict(replayed)
            _say(replays_line(replayed))
    if only in "composed call":
        _say("")
        for call in composed_calls():
            samples[f"composed call, {call.what}"] = call.us
            _say(composed_line(call))
    if only in "dependencies":
        _say("")
        for one in added(scratch, effort.rounds, effort.seconds):
            samples[f"dependencies, {one.what}"] = asdict(one)
            _say(added_line(one))
    if only in "key-value":
        _say("")
        for access in accesses(scratch, effort.rounds):
            samples[f"key-value, {access.what}"] = asdict(access)
            _say(access_line(access))
    if only in "rows":
        _say("")
        for rate in rates(scratch, effort.rounds):
            samples[f"rows, {rate.how}"] = asdict(rate)
            _say(rate_line(rate))
    if only in "outbound":
        samples["outbound"] = asdict(sent := outbound(scratch, effort.rounds))
        _say("\n" + outbound_line(sent))
    if only in "runtime":
        _say("")
        for figure in runtime_figures():
            samples[figure.what] = figure._asdict()
            _say(figure_line(figure))
    if only in "crowding":
        _say("\na small request beside guests that compute without end")
        samples["crowding"] = found = []
        for measured in crowding(scratch):
            found.append(asdict(measured))
            _say(crowding_line(measured))
    if only in "swaps":
        samples["swaps"] = asdict(swapped := swaps(scratch))
        _say("\n" + swaps_line(swapped))
        for swapped_in in artefacts(scratch):
            samples[f"swaps, {swapped_in.what}"] = asdict(swapped_in)
            _say(artefacts_line(swapped_in))
    if only in "saves":
        _say("")
        for saved in saves(scratch):
            samples[f"saves, {saved.what}"] = asdict(saved)
            _say(saves_line(saved))
    if only in "lsp, the language server":
        _say("\n" + language_heading())
        for about in language_figures(scratch / "lsp", effort.starts * 3):
            samples[about.title] = about._asdict()
            _say(language_line(about))
    if only in "tui, the terminal interface":
        samples["tui, frames"] = asdict(drawn := frames(scratch, effort.seconds * 5))
        _say("\n" + frames_line(drawn))
        samples["tui, first frame"] = asdict(first := first_frames(scratch, effort.starts * 2))
        _say(first_frames_line(first))
    if only in "notebooks, the kernel and typed calls":
        _say("")
        for shown in notebook_figures(scratch, effort.starts * 2):
            samples[f"notebooks, {shown.what}"] = shown._asdict()
            _say(notebook_line(shown))
    if only in "start":
        _say("\n" + start_heading())
        for start in starts(scratch, effort.starts):
            samples[start.title] = asdict(start)
            _say(start_line(start))
    return samples


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Steady load on two servers in turn, and what came of it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.servers import Server

ROOT = Path(__file__).parents[1]
SOURCE = Path(__file__).with_name("load.c")
MEGABYTE = 1_000_000

Sample = Mapping[str, float]
"""Figures of one round by name: `p50 ms`, `min ms`, `CPU ms`, `requests/s`, `MB/s`."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of a guest. `goal` bounds ratios of figures: most, or least for rates."""

    title: str
    guest: str
    connections: int = 1
    path: str = "/"
    body: int = 0
    fresh: bool = False
    goal: Mapping[str, float] | None = None


LOADS = [
    Load("Python 0.3", "service", goal={"p50 ms": 1.0, "CPU ms": 1.0}),
    Load("Python 0.3, 16 connections", "service", 16),
    Load("Python 0.3, 1 MB echoed", "service", 1, "/echo", MEGABYTE, goal={"MB/s": 0.9}),
    Load("Python 0.3, 1 MB echoed, 8 connections", "service", 8, "/echo", MEGABYTE),
    Load("Python 0.3, 1 MB passed on", "service", 1, "/pass", MEGABYTE),
    Load("Python 0.3, one request an instance", "service", fresh=True, goal={"p50 ms": 1.0}),
    Load("Rust 0.3", "rust-p3", goal={"p50 ms": 1.4}),
    Load("Rust 0.3, 16 connections", "rust-p3", 16),
    Load("Rust 0.3, one request an instance", "rust-p3", fresh=True),
    Load("Rust 0.2", "rust-p2"),
    Load("Rust 0.2, 16 connections", "rust-p2", 16),
    Load("Rust 0.2, 1 MB echoed", "reflect", 1, "/echo", MEGABYTE),
    Load("JavaScript 0.2", "javascript"),
    Load("JavaScript 0.2, 16 connections", "javascript", 16),
]


def measure(server: Server, load: Load, seconds: float) -> Sample:
    """One round of load."""
    before = server.cpu_ms()
    result = _run(server.port, load, seconds)
    used = server.cpu_ms() - before
    answered = max(result["answered"], 1)
    if result["failed"] or not result["answered"]:
        raise SystemExit(f"{load.title}: {result['failed']:.0f} requests failed")
    sample = {
        "p50 ms": result["p50_us"] / 1000,
        "min ms": result["min_us"] / 1000,
        "CPU ms": used / answered,
        "requests/s": answered / result["seconds"],
    }
    if load.body:
        sample["MB/s"] = result["received_bytes"] / MEGABYTE / result["seconds"]
    return sample


def _run(port: int, load: Load, seconds: float) -> dict[str, float]:
    command = [generator(), port, load.connections, seconds, load.path, load.body]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


@cache
def generator() -> Path:
    """The compiled load generator: by the system's C compiler, or by ziglang."""
    program = ROOT / "build" / "load"
    if program.exists() and program.stat().st_mtime > SOURCE.stat().st_mtime:
        return program
    program.parent.mkdir(exist_ok=True)
    tools = [sys.executable, ROOT / "examples" / "with_tools.py"]
    zig = [*tools, ROOT / "examples/wagi-hello/requirements.txt", "python", "-m", "ziglang", "cc"]
    compiler = ["cc"] if shutil.which("cc") else zig
    subprocess.run([*map(str, compiler), "-O2", "-o", str(program), str(SOURCE)], check=True)
    return program

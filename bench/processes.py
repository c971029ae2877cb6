"""Measurements that need a process of their own: start-up times, memory, first paint."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def median_seconds(*arguments: str, times: int = 9) -> float:
    """The median wall-clock time of a Python process with these arguments, from its start to its end."""
    return statistics.median(_seconds(arguments) for _ in range(times))


def _seconds(arguments: tuple[str, ...]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def memory_of(function: str) -> float:
    """How many bytes a process grows by while it runs a function of `bench.loop`."""
    return _probe("memory", function)


def first_paint(file: str, times: int = 5) -> float:
    """The median seconds from the start of the process to the first picture of the debugger."""
    return statistics.median(_probe("first_paint", file) for _ in range(times))


def _probe(name: str, argument: str) -> float:
    # The wall clock, because perf_counter's zero can differ between processes.
    command = [sys.executable, "-m", "bench.probe", name, argument, repr(time.time())]
    environment = {**os.environ, "TEXTUAL_ANIMATIONS": "none"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"measuring {name} {argument} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return float(done.stdout.splitlines()[-1])

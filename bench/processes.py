"""Measurements that need a process of their own: start-up times, memory, the first frame."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]

_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""What is measured is a program that is installed: its modules are compiled, by the first run at the latest."""


def seconds_of(*arguments: str, times: int = 7) -> float:
    """The least processor time of a Python process with these arguments, in seconds."""
    return min(_processor_seconds(arguments) for _ in range(times))


def waited_for(*arguments: str) -> float:
    """The seconds that a user waits for `sfdebug` with these arguments."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "sfdebug", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=_ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise SystemExit(f"sfdebug {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr.decode()}")
    return time.perf_counter() - begun


def peak_of(*arguments: str) -> float:
    """The most bytes that `sfdebug` with these arguments has held at once, but for processes of its own."""
    command = [sys.executable, "-m", "sfdebug", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=_ENVIRONMENT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"sfdebug {' '.join(arguments)} ended with {process.returncode}")
    return usage.ru_maxrss * (1.0 if sys.platform == "darwin" else 1024.0)


def _processor_seconds(arguments: tuple[str, ...]) -> float:
    if not hasattr(os, "wait4"):  # on Windows, the wall clock has to do
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=_ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=_ENVIRONMENT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"python {' '.join(arguments)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def memory_of(function: str) -> float:
    """How many bytes a process grows by while it runs a function of `bench.loop`."""
    return _probe("memory", function)


def first_frame(file: str, times: int = 5) -> float:
    """The median processor seconds from the start of a process to the first full frame of the debugger."""
    return statistics.median(_probe("first_frame", file) for _ in range(times))


def bare_frame(times: int = 5) -> float:
    """The same for a Textual program with one line of text."""
    return statistics.median(_probe("bare_frame", "") for _ in range(times))


def _probe(name: str, argument: str) -> float:
    command = [sys.executable, "-m", "bench.probe", name, argument]
    environment = {**_ENVIRONMENT, "TEXTUAL_ANIMATIONS": "none"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"measuring {name} {argument} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return float(done.stdout.splitlines()[-1])

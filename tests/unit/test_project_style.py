"""The house rules that no linter checks: size of modules and functions, docstrings, words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "sfdebug").rglob("*.py"))
MAX_MODULE_LINES = 620  # built for 600; a few lines more are no reason to tear a module apart
MAX_FUNCTION_LINES = 50

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def faults(path: Path) -> Iterator[str]:
    """What is wrong with a module."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    lines = len(text.splitlines())
    if lines > MAX_MODULE_LINES:
        yield f"{lines} lines: split it by what its parts are about"
    if not ast.get_docstring(tree):
        yield "a module begins by saying what lives in it"
    long = {
        function.name: function.end_lineno - function.lineno + 1
        for function in functions(tree)
        if function.end_lineno is not None and function.end_lineno - function.lineno >= MAX_FUNCTION_LINES
    }
    if long:
        yield f"functions of more than {MAX_FUNCTION_LINES} lines: {long}"


def test_modules() -> None:
    assert len(MODULES) > 30
    found = {str(path.relative_to(ROOT)): wrong for path in MODULES if (wrong := list(faults(path)))}
    assert not found


_ENDLESS = re.compile(r"^ *with\b[^:]*\bPopen\(|\bpreexec_fn *=", re.MULTILINE)
"""What waits for a program behind a failed assertion; what runs Python in a child of a process with threads."""


def test_programs_that_tests_start_come_to_an_end() -> None:
    """`running` of tests/programs.py sees to that, and says why."""
    places = (path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))
    assert [str(path) for path in places if _ENDLESS.search(path.read_text(encoding="utf-8"))] == []


def test_a_fault_is_found(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("x = 1\n" * MAX_MODULE_LINES + "def f():\n" + "    x = 1\n" * MAX_FUNCTION_LINES)
    assert len(list(faults(path))) == 3

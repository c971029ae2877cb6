"""The Python in the documents runs, and gives what it says that it gives: `expression  # => its repr`."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    pytest.param(text, id=f"{name}:{number}")
    for name in ("README.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md")
    for number, text in enumerate(BLOCK.findall((ROOT / name).read_text(encoding="utf-8")), 1)
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {"__name__": "example"}
    lines, count = text.splitlines(), 0
    for node in ast.parse(text).body:
        said = re.search(r"# => (.*)", lines[(node.end_lineno or node.lineno) - 1])
        if isinstance(node, ast.Expr) and said:
            value = eval(compile(ast.Expression(node.value), "example", "eval"), names)  # noqa: S307
            assert repr(value) == said[1], lines[node.lineno - 1]
            count += 1
        else:
            exec(compile(ast.Module([node], []), "example", "exec"), names)
    assert count == text.count("# => ")


def test_examples_are_found() -> None:
    assert len(EXAMPLES) > 1

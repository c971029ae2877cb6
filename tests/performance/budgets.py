"""The one table of what things may cost, `budgets.json`, and how far above it they may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("budgets.json")

CALLS_MARGIN: Final = 0.05
"""Calls are the same in each run, and within 2% on Python 3.11 to 3.13; of a handful more nobody has to be told."""

KEPT_MARGIN: Final = 0.10
"""Python keeps some blocks for later, more or fewer."""

MODULES_MARGIN: Final = 0.03
FEW_MODULES: Final = 2

HOW_TO_UPDATE: Final = (
    "Find what costs more (python -m cProfile, python -X importtime). If it is worth it, `make budgets WRITE=1` writes "
    "what things cost now into tests/performance/budgets.json; say in the commit why."
)


def table() -> dict[str, Any]:
    """What stands in the file."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def write(costs: dict[str, float], imports: dict[str, dict[str, Any]]) -> None:
    """Put what was counted in the place of what stands in the file."""
    FILE.write_text(f"{json.dumps({'costs': costs, 'imports': imports}, indent=2)}\n", encoding="utf-8")


def allowed(name: str, budget: float) -> float:
    """How much something may cost, of which the table says `budget`."""
    return budget * (1 + (CALLS_MARGIN if name.startswith("calls:") else KEPT_MARGIN))


def allowed_modules(budget: int) -> float:
    """How many modules may be loaded, of which the table says `budget`."""
    return budget + max(FEW_MODULES, budget * MODULES_MARGIN)

"""`make budgets`: prints what things cost now beside their budgets; with `--write`, the first become the second."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser

os.environ["TEXTUAL_ANIMATIONS"] = "none"  # Textual reads it at import

from tests import settling
from tests.performance.budgets import table, write
from tests.performance.imports import WAYS, Loaded
from tests.performance.work import COSTS


def main(*arguments: str) -> int:
    """Count everything, and print it."""
    parser = ArgumentParser(prog="python -m tests.performance", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write what was counted into budgets.json")
    given = parser.parse_args(arguments)
    settling.install()
    before = table()
    sys.stdout.write(f"{'':60} {'budget':>9} {'now':>9}\n")
    costs = {}
    for name, count in COSTS.items():
        costs[name] = round(count(), 1)
        _print(name, before["costs"].get(name), costs[name])
    imports = {}
    for way in WAYS:
        imports[way] = Loaded.after(way).as_json()
        known = before["imports"].get(way, {})
        for what, found in imports[way].items():
            if isinstance(found, int):
                _print(f"{way}: {what}", known.get(what), found)
            else:
                _print_names(f"{way}: {what}", set(known.get(what, ())), set(found))
    if given.write:
        write(costs, imports)
    return 0


def _print(name: str, budget: float | None, now: float) -> None:
    ratio = f"{now / budget:6.2f} of it" if budget else "   new"
    sys.stdout.write(f"{name:60} {'' if budget is None else f'{budget:,}':>9} {now:>9,} {ratio}\n")


def _print_names(name: str, budget: set[str], now: set[str]) -> None:
    changes = [f"+{one}" for one in sorted(now - budget)] + [f"-{one}" for one in sorted(budget - now)]
    sys.stdout.write(f"{name:60} {len(budget):>9} {len(now):>9} {' '.join(changes)}\n")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

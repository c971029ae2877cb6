"""`make bench`: prints what sfdebug takes, what it is built for, what it took before, and how fast this machine is.

`python -m bench headless open` measures these parts alone. Seconds are those of the processor, the least of several
runs: other programs may run beside it.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from bench import calling, endpoint, fleet, graphs, histories, recordings, starting, stepping, verifying
from bench.figures import Figure, Unit, earlier, keep, table
from bench.peers.all import compared
from bench.speed import headless, kept, memory, round_trip

_Part: TypeAlias = Callable[[float], Iterator[Figure]]

PARTS: Final[Mapping[str, _Part]] = {
    "headless": headless,
    "debugger": kept,
    "memory": memory,
    "start": starting.figures,
    "graph": graphs.figures,
    "stepping": stepping.figures,
    "replay": histories.figures,
    "open": recordings.figures,
    "verify": verifying.figures,
    "fleet": fleet.figures,
    "calling": calling.figures,
    "endpoint": endpoint.figures,
}


def main() -> None:
    """Measure, print the table, and keep the costs."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}, peers (default: all)")
    parser.add_argument("--no-history", action="store_true", help="compare with earlier runs, but keep nothing")
    args = parser.parse_args()
    unknown = [part for part in args.parts if part not in (*PARTS, "peers")]
    if unknown:
        parser.error(f"there is no part {unknown[0]}: {', '.join(PARTS)}, peers")
    baseline = round_trip()
    figures = [Figure("baseline", "baseline: one JSON text of 600 bytes read and written", Unit.MICROSECONDS, baseline)]
    for name, part in PARTS.items():
        if not args.parts or name in args.parts:
            figures += part(baseline)
    print(f"sfdebug on Python {platform.python_version()}, {platform.system()} {platform.machine()}\n")
    print(table(figures, earlier()))
    if not args.no_history:
        keep(figures)
    if not args.parts or "peers" in args.parts:
        print("\nbeside others, in this run")
        for line in compared():
            print(line)


if __name__ == "__main__":
    main()

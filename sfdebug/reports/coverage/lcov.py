"""Coverage as an lcov tracefile, which editors show in their gutters, and Codecov, Coveralls and genhtml read.

A state is a function, its ways are branches: rules, Retriers, Catchers, limits, numbers of items. Source: geninfo(1),
"FILES".
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.reports.coverage.places import covered_files
from sfdebug.reports.paths import path_below

if TYPE_CHECKING:
    from sfdebug.reports.coverage.places import CoveredDefinition, CoveredFile, CoveredState

_UNSAID: Final = re.compile(r"[\x00-\x1f\x7f,]+")
"""What a name cannot hold: fields are parted by commas, records by lines."""


def lcov(definitions: Iterable[CoveredDefinition]) -> str:
    """The tracefile, one record for each file: below the folder of work by its path from there, else by its absolute
    one, with both of which genhtml and editors find it."""
    return "".join(f"{line}\n" for file in covered_files(definitions) for line in _record(file))


def _record(file: CoveredFile) -> Iterator[str]:
    functions = [state for state in file.states if state.count is not None]
    yield "TN:"
    yield f"SF:{_UNSAID.sub('_', path_below(file.path, os.getcwd()))}"
    for state in functions:
        yield f"FN:{state.line},{_name(state)}"
    for state in functions:
        yield f"FNDA:{state.count},{_name(state)}"
    yield f"FNF:{len(functions)}"
    yield f"FNH:{sum(bool(state.count) for state in functions)}"
    lines = file.lines()
    branches = [
        (line, block, index, count, state)
        for block, state in enumerate(functions)
        for index, (line, count) in enumerate(state.branches)
    ]
    for line, block, index, count, state in branches:
        # A way of a state that was never entered was not looked at: that is another thing than not taken.
        yield f"BRDA:{line},{block},{index},{count if state.count and lines[line] else '-'}"
    yield f"BRF:{len(branches)}"
    yield f"BRH:{sum(count > 0 for _, _, _, count, _ in branches)}"
    for line, count in lines.items():
        yield f"DA:{line},{count}"
    yield f"LF:{len(lines)}"
    yield f"LH:{sum(count > 0 for count in lines.values())}"
    yield "end_of_record"


def _name(state: CoveredState) -> str:
    return _UNSAID.sub("_", state.name)

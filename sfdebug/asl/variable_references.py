"""Which variables each state reads, as AWS lists them. Source: AWS API, DescribeStateMachine, `variableReferences`."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sfdebug.asl.load import parse_definition
from sfdebug.asl.rules.variables import reads
from sfdebug.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_VARIABLES: Final = frozenset({"states", "", "$"})
"""What a $ may stand before that is none: `$states`, the input, the Context object."""


@lru_cache(maxsize=64)
def variable_references(definition: str) -> Mapping[str, tuple[str, ...]]:
    """By the names of states the variables that they read, sorted; without the states that read none.

    Recorded: states inside of a Map or Parallel stand beside those around them, and functions are no variables.
    """
    try:
        machine = parse_definition(definition, "<definition>", "json")
    except DefinitionError:
        return MappingProxyType({})
    found: dict[str, tuple[str, ...]] = {}
    for state in machine.walk():
        names = {read.name for read in reads(state) if not read.called and read.name not in _NO_VARIABLES}
        if names:
            found[state.name] = tuple(sorted(names))
    return MappingProxyType(found)

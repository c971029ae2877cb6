"""Amazon EMR's optimized calls, which have other arguments and results than the API behind them: one cluster, one step.

Source: AWS Step Functions Developer Guide, "Create and manage Amazon EMR clusters with Step Functions".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sfdebug.values import Json

EMR: Final = "elasticmapreduce"
_ARGUMENTS: Final[Mapping[str, Mapping[str, tuple[str, bool]]]] = {
    "addStep": {"ClusterId": ("JobFlowId", False), "Step": ("Steps", True)},
    "terminateCluster": {"ClusterId": ("JobFlowIds", True)},
    "cancelStep": {"StepId": ("StepIds", True)},
    "setClusterTerminationProtection": {"ClusterId": ("JobFlowIds", True)},
}
"""By the call, what becomes of an argument: its name in the API, and whether that takes a list of it."""

UNKNOWN_TO_API: Final = frozenset({"modifyInstanceFleetByName", "modifyInstanceGroupByName"})
"""Calls that look up by name what the API wants the id of."""


def api_arguments(action: str, given: Mapping[str, Json]) -> dict[str, Json]:
    """The arguments of the API's call."""
    renamed = _ARGUMENTS.get(action, {})
    found: dict[str, Json] = {}
    for name, value in given.items():
        api_name, is_list = renamed.get(name, (name, False))
        found[api_name] = [value] if is_list else value
    return found


def task_result(action: str, answer: Mapping[str, Json]) -> dict[str, Json]:
    """What the Task gets of the API's answer."""
    found = dict(answer)
    if action == "createCluster" and "JobFlowId" in found:
        found["ClusterId"] = found.pop("JobFlowId")
    steps = found.get("StepIds")
    if action == "addStep" and isinstance(steps, list) and steps:
        found = {name: value for name, value in found.items() if name != "StepIds"} | {"StepId": steps[0]}
    return found

"""The Map Runs of a host: told of, listed with their child executions, changed while they are under way.

Source: AWS API, DescribeMapRun, ListMapRuns, UpdateMapRun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import AdjustMapRun
from sfdebug.hosting.describing import child_records
from sfdebug.hosting.executions import is_child_arn
from sfdebug.hosting.map_runs import map_run_branch, map_runs_of

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.hosting.executions import ExecutionMemory
    from sfdebug.hosting.records import ExecutionRecord, MapRunRecord


class MapRunRegistry:
    """The Map Runs of the executions in memory."""

    def __init__(self, memory: ExecutionMemory) -> None:
        self._memory = memory

    def get(self, arn: str) -> MapRunRecord:
        """A Map Run. Raises HostRefusalError (MAP_RUN_UNKNOWN)."""
        return next(one for one in map_runs_of(self._memory.with_map_run(arn)) if one.arn == arn)

    def list(self, execution_arn: str) -> tuple[MapRunRecord, ...]:
        """Those that an execution has started, the newest first. Raises HostRefusalError (EXECUTION_UNKNOWN)."""
        is_child = is_child_arn(execution_arn)
        hosted = self._memory.with_child(execution_arn)[0] if is_child else self._memory.get(execution_arn)
        return tuple(one for one in reversed(map_runs_of(hosted)) if one.execution_arn == execution_arn)

    def executions(
        self, arn: str, status: str | None = None, *, redriven: bool | None = None
    ) -> tuple[ExecutionRecord, ...]:
        """The child executions of a Map Run, the newest first. Raises HostRefusalError (MAP_RUN_UNKNOWN)."""
        return tuple(child_records(self._memory.with_map_run(arn), arn, status, redriven))

    def update(
        self,
        arn: str,
        *,
        max_concurrency: int | None = None,
        tolerated_failure_count: int | None = None,
        tolerated_failure_percentage: float | None = None,
    ) -> MapRunRecord:
        """Change the limits of a Map Run that is under way; of one that is over, nothing.

        Raises HostRefusalError (MAP_RUN_UNKNOWN).
        """
        limits = max_concurrency, tolerated_failure_count, tolerated_failure_percentage

        def adjusted(execution: Execution) -> Decision | None:
            branch = map_run_branch(execution, arn)
            return AdjustMapRun(branch, *limits) if branch is not None else None

        self._memory.with_map_run(arn).decide(adjusted)
        return self.get(arn)

"""How many failed items a Map Run tolerates: ToleratedFailureCount and ToleratedFailurePercentage.

Source: AWS Step Functions Developer Guide, "Setting failure thresholds for Distributed Map states".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sfdebug.engine.execution.visit import Fault
from sfdebug.engine.faults import EXCEED_TOLERATED_FAILURE_THRESHOLD, runtime_failure

THRESHOLD_EXCEEDED: Final = Fault(
    EXCEED_TOLERATED_FAILURE_THRESHOLD,
    # Recorded: TestState with more failed iterations than ToleratedFailureCount.
    "The specified tolerated failure threshold was exceeded",
)
"""What the Map Run fails with when its threshold is exceeded."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The thresholds of one Map Run; None for a field that its state does not have."""

    count: int | None = None
    percentage: float | None = None

    def is_exceeded(self, failed: int, total: int) -> bool:
        """Whether `failed` of `total` items are too many: more than either threshold that is given.

        Without a threshold none may fail, and one of 0 counts as none (measured on AWS, iwamot/sfnx). Items that timed
        out count as failed; a failed batch counts with all of its items.
        """
        if not self.count and not self.percentage:
            return failed > 0
        if self.count and failed > self.count:
            return True
        return bool(self.percentage) and total > 0 and failed * 100 > (self.percentage or 0) * total


def check_tolerance(tolerance: Tolerance) -> Tolerance:
    """`tolerance`, if its values are possible. Raises StateError States.Runtime with AWS's cause if not."""
    if tolerance.count is not None and tolerance.count < 0:
        # Recorded: ToleratedFailureCountPath that leads to -1.
        raise runtime_failure("ToleratedFailureCount cannot be negative.")
    if tolerance.percentage is not None and not 0 <= tolerance.percentage <= 100:
        # Recorded: ToleratedFailurePercentagePath that leads to -1.1.
        raise runtime_failure("ToleratedFailurePercentage must be between 0 and 100.")
    return tolerance

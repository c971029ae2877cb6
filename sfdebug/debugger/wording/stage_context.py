"""A stage with what is known around it: what its sentence is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfdebug.asl.definition import QueryLanguage
from sfdebug.debugger.wording.values import fault_with_cause
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.visit import VisitStatus

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger.timeline.progress import Progress
    from sfdebug.engine.execution.visit import Stage, Visit

_SOURCES = {
    Provenance.RECORDED: " (as recorded)",
    Provenance.MOCKED: " (its mock)",
    Provenance.FUNCTION: " (a Python function)",
    Provenance.USER: " (your answer)",
}


@dataclass(frozen=True, slots=True)
class StageContext:
    """`progress` is that of the branches that the state runs, `container` the Parallel or Map around the state."""

    stage: Stage
    state: State
    visit: Visit | None
    progress: Progress | None
    started_at: int | None
    container: State | None

    @property
    def is_jsonata(self) -> bool:
        """Whether the state's expressions are JSONata."""
        return self.state.query_language is QueryLanguage.JSONATA

    @property
    def is_over(self) -> bool:
        """Whether the visit is over: what has no result then was cut off."""
        return self.visit is not None and self.visit.status is not VisitStatus.RUNNING

    @property
    def source(self) -> str:
        """Who gave the value, as an addition: " (its mock)"; "" for what was computed."""
        return _SOURCES.get(self.stage.provenance, "")

    @property
    def fault(self) -> str:
        """The fault of the stage; the sentence brings its own full stop."""
        return fault_with_cause(self.stage.fault).removesuffix(".")

"""The values that explaining is about: an explanation, and the facts about one stage that it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.debugger.data_origins.flow import VisitFlow
from sfdebug.engine.execution.visit import Stage, StageName, StageStatus, Visit
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.asl.definition import State
    from sfdebug.debugger.wording.positions import Progress
    from sfdebug.engine.execution.execution import Execution


class StageExplanation(Struct, frozen=True, gc=False):
    """What is to be said of a stage, each in one or two whole sentences that name no key.

    `happened` is what it did, or what it is going to do, with the field, the path and the values; `why` the rule of the
    States Language that made it so; `expected` the mistake that these very data invite, "" where they invite none.
    """

    happened: str
    why: str
    expected: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Those of the three that say something, in their order."""
        return tuple(filter(None, (self.happened, self.why, self.expected)))


class StageReasons(Struct, frozen=True, gc=False):
    """The two parts of an explanation that each kind of stage has its own words for."""

    why: str
    expected: str = ""


class StageFacts(Struct, frozen=True, gc=False):
    """What is known of the stage that is explained.

    `stage` is None while it is still to come; then `visit` has those before it, or is None, too. `row` is its place
    among the stages of the visit. `container` is the Parallel or Map around the state, `progress` that of the branches
    that the state has started, `about_to_call` what the next step really calls. `is_made_up` says that the definition
    was made of a recording: what a state's fields are is not known then.
    """

    state: State
    name: StageName
    expression: Value
    index: int | None
    row: int
    stage: Stage | None
    visit: Visit | None
    execution: Execution
    container: State | None = None
    progress: Progress | None = None
    about_to_call: str = ""
    is_made_up: bool = False

    @property
    def is_jsonata(self) -> bool:
        """Whether the state's expressions are JSONata."""
        return self.state.query_language is QueryLanguage.JSONATA

    @property
    def is_done(self) -> bool:
        """Whether the stage has given its value."""
        return self.stage is not None and self.stage.status is StageStatus.DONE

    @property
    def status(self) -> StageStatus | None:
        """How the stage ended; None while it is to come."""
        return self.stage.status if self.stage is not None else None

    @property
    def is_played(self) -> bool:
        """Whether the visit shows what AWS recorded, and nothing was computed."""
        return self.visit is not None and VisitFlow(self.visit).is_played

    @property
    def before(self) -> Value:
        """What the stage was given."""
        return self.stage.before if self.stage is not None else MISSING

    @property
    def after(self) -> Value:
        """What the stage gave."""
        return self.stage.after if self.stage is not None else MISSING

    @property
    def raw_input(self) -> Value:
        """The input that the state was entered with."""
        return self.visit.input if self.visit is not None else MISSING

    @property
    def earlier(self) -> Sequence[Stage]:
        """The stages of the visit before this one."""
        return self.visit.stages[: self.row] if self.visit is not None else ()

    def last(self, *names: StageName) -> Stage | None:
        """The latest stage before this one with one of these names."""
        return next((stage for stage in reversed(self.earlier) if stage.name in names), None)

    @property
    def has_result(self) -> bool:
        """Whether the state is of a type that has a result, which ResultPath, or Output, puts into its output."""
        return self.state.type in (StateType.TASK, StateType.PARALLEL, StateType.MAP, StateType.PASS)

    def field(self, name: str) -> Value:
        """A field of the state as it is written; MISSING without it."""
        return self.state.fields.get(name, MISSING)

    def has(self, name: str) -> bool:
        """Whether the state has a field of that name."""
        return name in self.state.fields

    @property
    def catcher(self) -> Stage | None:
        """The stage of the Catcher that took the state's fault, once it has."""
        caught = self.last(StageName.CATCH)
        return caught if caught is not None and caught.status is StageStatus.MATCHED else None


def lost_keys(before: Value, after: Value) -> list[str]:
    """The keys of an object that are not keys of what it became; none when there is no telling."""
    if not isinstance(before, dict) or not is_present(after):
        return []
    kept: Json = after if isinstance(after, dict) else {}
    return [key for key in before if key not in kept] if isinstance(kept, dict) else []

"""Wait: lets virtual time pass. Source: specification, "Wait State"; causes as recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.events import utc_text
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import StateError, query_failure, runtime_failure
from sfdebug.engine.fields.kinds import Kind
from sfdebug.engine.states.base import StateProgram
from sfdebug.expressions.timestamps import parse_offset_date_time
from sfdebug.limits import MAX_TIMEOUT_SECONDS, MAX_WAIT_SECONDS
from sfdebug.values import MISSING, compact

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.expressions.errors import ExpressionError
    from sfdebug.values import Json

_TOO_LONG: Final = "Wait state delay is too long."


class _TimeKind(Kind):
    """What Seconds and Timestamp have in common: AWS's words for a path that finds nothing."""

    def lost(self, error: ExpressionError, field: str, path: str, value: Json) -> StateError:
        return runtime_failure(f"The {field} parameter does not reference an input value: {path}")


class _Seconds(_TimeKind):
    expected = "integer"

    def found(self, value: Json, field: str, path: str) -> int:
        seconds = _whole(value)
        if seconds is None:
            raise runtime_failure(f"The {field} parameter cannot be parsed as a long value: {path} == {_shown(value)}")
        if seconds < 0:
            raise runtime_failure(f"The {field} parameter references a negative value: {path} == {seconds}")
        if seconds > MAX_TIMEOUT_SECONDS:
            raise runtime_failure(_TOO_LONG)
        return seconds

    def computed(self, value: Json, field: str) -> int:
        """Measured on AWS (iwamot/sfnx): an expression may give more than 99,999,999.

        Not recorded: the words, after the recorded cause of a Timestamp that cannot be parsed; and that the longest
        wait is that of a Timestamp.
        """
        seconds = _whole(value)
        if seconds is None or seconds < 0:
            shown = compact(value if seconds is None else seconds)
            raise query_failure(f"The Seconds field must be a non-negative integer: {shown}", field)
        if seconds > MAX_WAIT_SECONDS:
            raise query_failure(_TOO_LONG, field)
        return seconds


class _Timestamp(_TimeKind):
    expected = "string"

    def found(self, value: Json, field: str, path: str) -> Json:
        if _moment(value) is None:
            raise runtime_failure(
                f"The {field} parameter does not reference a valid ISO-8601 extended offset date-time format "
                f"string: {path} == {_shown(value)}"
            )
        return value

    def computed(self, value: Json, field: str) -> Json:
        if _moment(value) is None:
            raise query_failure(
                f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: "
                f"{_shown(value)}",
                field,
            )
        return value


_KINDS: Final = {"Seconds": _Seconds(), "Timestamp": _Timestamp()}


class WaitProgram(StateProgram):
    """A Wait state: how long is worked out on entry, the rest is sleep."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        fields = (self.fields.value(name, kind) for name, kind in _KINDS.items())
        self.field = next(field for field in fields if field is not None)
        self.expression: Json = {self.field.name: self.field.expression}

    def enter(self, draft: StepDraft) -> None:
        """Work out when to go on, and sleep until then."""
        value = self.flow.selected_input(draft)
        try:
            wakes_at = self._wakes_at(draft, self.field.read(draft, value))
        except StateError as failure:
            raise draft.visit.failed(StageName.WAIT, value, self.expression, failure) from failure
        until = utc_text(draft.settings.start_time + wakes_at)
        draft.visit.stage(StageName.WAIT, value, until, expression=self.expression)
        draft.sleep(wakes_at - draft.clock)

    def proceed(self, draft: StepDraft) -> None:
        """The time has come: the output is the input, through OutputPath. After a redrive the wait begins anew, in full
        (measured on AWS by others)."""
        if draft.phase is Phase.WORK:
            self.enter(draft)
            return
        value = next(stage.before for stage in reversed(draft.visit.stages) if stage.name is StageName.WAIT)
        assert value is not MISSING
        draft.ready_to_exit(self.flow.selected_output(draft, value), self.state.next)

    def _wakes_at(self, draft: StepDraft, given: Json) -> int:
        seconds = _whole(given)
        if seconds is not None:
            return draft.clock + seconds * 1000
        moment = _moment(given)
        assert moment is not None
        wakes_at = moment - draft.settings.start_time
        if wakes_at - draft.clock > MAX_WAIT_SECONDS * 1000:
            raise runtime_failure(_TOO_LONG)
        return max(wakes_at, draft.clock)


def _whole(value: Json) -> int | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(value: Json) -> int | None:
    return parse_offset_date_time(value) if isinstance(value, str) else None


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else compact(value)

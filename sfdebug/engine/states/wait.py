"""Wait: lets virtual time pass. Source: specification, "Wait State"; causes as recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.events import utc_text
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import StateError, query_failure, runtime_failure
from sfdebug.engine.fields.jsonata import JsonataField
from sfdebug.engine.fields.jsonpath import failed
from sfdebug.engine.states.base import StateProgram
from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.jsonata.expression import is_jsonata_string
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.expressions.timestamps import parse_offset_date_time
from sfdebug.limits import MAX_TIMEOUT_SECONDS, MAX_WAIT_SECONDS
from sfdebug.values import MISSING, Json, compact

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.step_draft import StepDraft

_FIELDS: Final = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")


class WaitProgram(StateProgram):
    """A Wait state: how long is worked out on entry, the rest is sleep."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.field = next(field for field in _FIELDS if field in state.fields)
        self.expression = state.fields[self.field]
        self.jsonata: JsonataField | None = None
        if self.is_jsonata and isinstance(self.expression, str) and is_jsonata_string(self.expression):
            expected = "integer" if self.field == "Seconds" else "string"
            self.jsonata = JsonataField(self.field, self.expression, expected=expected)
        self.path = compile_path(str(self.expression)) if self.field.endswith("Path") else None

    def enter(self, draft: StepDraft) -> None:
        """Work out when to go on, and sleep until then."""
        value = self.flow.selected_input(draft)
        try:
            wakes_at = self._wakes_at(draft, value)
        except StateError as failure:
            raise failed(draft, StageName.WAIT, value, {self.field: self.expression}, failure) from failure
        until = utc_text(draft.settings.start_time + wakes_at)
        draft.stage(StageName.WAIT, value, until, expression={self.field: self.expression})
        draft.sleep(wakes_at - draft.clock)

    def proceed(self, draft: StepDraft) -> None:
        """The time has come: the output is the input, through OutputPath. After a redrive the wait begins anew, in full
        (measured on AWS by others)."""
        if draft.phase is Phase.WORK:
            self.enter(draft)
            return
        value = next(stage.before for stage in reversed(draft.stages) if stage.name is StageName.WAIT)
        assert value is not MISSING
        draft.ready_to_exit(self.flow.selected_output(draft, value), self.state.next)

    def _wakes_at(self, draft: StepDraft, value: Json) -> int:
        given = self.jsonata.read(draft) if self.jsonata else self._given(draft, value)
        if self.field.startswith("Timestamp"):
            return self._timestamp(draft, given)
        return draft.clock + self._seconds(given) * 1000

    def _given(self, draft: StepDraft, value: Json) -> Json:
        if self.path is None:
            return self.expression
        try:
            return self.path.read(draft.environment(value))
        except ExpressionError as error:
            raise runtime_failure(
                f"The {self.field} parameter does not reference an input value: {self.expression}"
            ) from error

    def _seconds(self, given: Json) -> int:
        seconds = given
        if isinstance(seconds, float) and seconds.is_integer():
            seconds = int(seconds)
        if self.jsonata is not None:
            return self._evaluated_seconds(seconds)
        if isinstance(seconds, bool) or not isinstance(seconds, int):
            raise runtime_failure(
                f"The {self.field} parameter cannot be parsed as a long value: {self.expression} == {_shown(given)}"
            )
        if seconds < 0:
            raise runtime_failure(f"The {self.field} parameter cannot be negative: {self.expression} == {seconds}")
        if seconds > MAX_TIMEOUT_SECONDS:
            raise runtime_failure("Wait state delay is too long.")
        return seconds

    def _evaluated_seconds(self, seconds: Json) -> int:
        """What an expression gave. Measured on AWS (iwamot/sfnx): it may give more than 99,999,999.

        Not recorded: the words, after the recorded cause of a Timestamp that cannot be parsed; and that the longest
        wait is that of a Timestamp.
        """
        if not isinstance(seconds, int) or seconds < 0:
            raise query_failure(f"The Seconds field must be a non-negative integer: {compact(seconds)}", "Seconds")
        if seconds > MAX_WAIT_SECONDS:
            raise query_failure("Wait state delay is too long.", "Seconds")
        return seconds

    def _timestamp(self, draft: StepDraft, given: Json) -> int:
        moment = parse_offset_date_time(given) if isinstance(given, str) else None
        if moment is None and self.jsonata is not None:
            raise query_failure(
                f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: "
                f"{_shown(given)}",
                "Timestamp",
            )
        if moment is None:
            raise runtime_failure(
                f"The {self.field} parameter does not reference a valid ISO-8601 extended offset date-time format "
                f"string: {self.expression} == {_shown(given)}"
            )
        wakes_at = moment - draft.settings.start_time
        if wakes_at - draft.clock > MAX_WAIT_SECONDS * 1000:
            raise runtime_failure("Wait state delay is too long.")
        return max(wakes_at, draft.clock)


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else compact(value)

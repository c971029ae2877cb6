"""Calls of services that AWS recorded with their results, made again on this machine, and the table of what came out
(`make services`).

A call is run as a Task: functions as real handlers, state machines in the engine, all else in moto's server. What it
gives must have the recorded shape: the same fields, in the same spelling, with values of the same kind, and the same
values where a service does not make them up; or the same error, with a cause of the same form.
"""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.conformance.compare import equal

ROOT: Final = Path(__file__).parents[2]
DOCUMENT: Final = ROOT / "docs" / "services.md"
CONFORMANCE: Final = ROOT.parent / "shared" / "conformance"
BEGIN: Final = "<!-- services: written by `make services WRITE=1` -->"
END: Final = "<!-- /services -->"
HEADING: Final = ("Action", "Answered by", "Results", "Same shape", "Errors", "Same error", "Exceptions")
FUNCTION: Final = "a function's ARN"

_LOWER: Final = "one of the recorded answers of this call spells the header `x-amzn-RequestId` in small letters"
_SYNC_TOKEN: Final = "the result was sent with the task token in its Input, not given by the state machine"
_REDRIVES: Final = "recorded before AWS had redrives: it lacks `RedriveCount` and `RedriveStatus`"

EXCEPTIONS: Final[Mapping[tuple[str, int], str]] = {
    ("callback-test_callback__TestCallback-test_start_execution_sync__get_execution_history", 3): _REDRIVES,
    ("callback-test_callback__TestCallback-test_start_execution_sync_delegate_timeout__get_execution_history", 3): (
        _REDRIVES
    ),
    ("callback-test_callback__TestCallback-test_sync_with_task_token__get_execution_history", 3): _SYNC_TOKEN,
    (
        "services-test_dynamodb_task_service__TestTaskServiceDynamoDB-test_base_integrations-DYNAMODB_PUT_GET_ITEM-"
        "__get_execution_history",
        8,
    ): _LOWER,
}
"""Recorded calls that come out otherwise, by the file and the event, each with its reason."""


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A Task's call with what AWS recorded of it: `submitted` is the answer to a call that was then waited for."""

    case: str
    event: int
    resource: str
    parameters: Any
    submitted: Any = None
    output: Any = None
    error: str | None = None
    cause: str | None = None
    is_failure: bool = False
    is_over: bool = True

    @property
    def name(self) -> str:
        """What the case and the event are called."""
        return f"{self.case[:100]}-{self.event}"

    @property
    def action(self) -> str:
        """`sqs:sendMessage.waitForTaskToken`."""
        return self.resource if self.resource == FUNCTION else self.resource.removeprefix("arn:aws:states:::")

    @property
    def is_of_service(self) -> bool:
        """Whether the service itself is what failed or succeeded, not who answered the task token."""
        return not self.action.endswith(".waitForTaskToken")

    @property
    def answered_by(self) -> str:
        """Who answers the call on this machine."""
        if self.resource == FUNCTION or self.action.startswith("lambda:"):
            return "its handler"
        return "the engine" if self.action.startswith(("states:", "aws-sdk:sfn:start")) else "moto"

    @property
    def exception(self) -> str | None:
        """Why it comes out otherwise, where that is known."""
        return EXCEPTIONS.get((self.case, self.event))


def recorded_calls(folder: Path = CONFORMANCE) -> list[RecordedCall]:
    """Every recorded call that a service or a function answered, in the order of the files."""
    readers = {"executions": _in_history, "express": _in_express, "test_state": _in_test_state}
    return [
        call
        for kind, read in readers.items()
        for path in sorted((folder / kind).glob("*.json"))
        for call in read(path.stem, json.loads(path.read_text(encoding="utf-8")))
    ]


def _in_express(case: str, recorded: Mapping[str, Any]) -> Iterator[RecordedCall]:
    """The call of an execution with one Task, whose result or error is what the execution gave."""
    tasks = [state for state in recorded["definition"]["States"].values() if state["Type"] == "Task"]
    output, given = recorded["result"].get("output"), recorded["input"]
    if len(tasks) != 1 or not isinstance(output, dict):
        return
    if output.keys() == {"Error", "Cause"}:
        error, cause = output["Error"], output["Cause"]
        yield RecordedCall(case, 1, tasks[0]["Resource"], given, error=error, cause=cause, is_failure=True)
    else:
        shown = {name: value for name, value in output.items() if name != "final"}  # what a Pass put there
        yield RecordedCall(case, 1, tasks[0]["Resource"], given, output=shown)


def _in_test_state(case: str, recorded: Mapping[str, Any]) -> Iterator[RecordedCall]:
    """The call of a Task that was tested without a mock, where its result is told."""
    request, told = recorded["request"], recorded.get("response", {}).get("inspectionData", {})
    state = _parsed(request.get("definition"))
    if "mock" in request or not isinstance(state, dict) or state.get("Type") != "Task" or "result" not in told:
        return
    resource = state["Resource"] if ":states:::" in state["Resource"] else FUNCTION
    parameters = _parsed(told.get("afterParameters", told.get("afterInputPath", {})))
    yield RecordedCall(case, 1, resource, parameters, output=_parsed(told["result"]))


def _in_history(case: str, recorded: Mapping[str, Any]) -> Iterator[RecordedCall]:
    """The calls of an execution."""
    events = recorded["history"]["events"]
    by_id = {event["id"]: event for event in events}
    submitted: dict[int, Any] = {}
    ended: set[int] = set()
    for event in events:
        details: Any = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
        scheduled = _scheduled(event, by_id)
        if scheduled is None:
            continue
        number, resource, parameters = scheduled
        if event["type"] == "TaskSubmitted":
            submitted[number] = _parsed(details["output"])
        elif event["type"] in ("TaskSucceeded", "LambdaFunctionSucceeded"):
            ended.add(number)
            output = _parsed(details["output"])
            yield RecordedCall(case, number, resource, parameters, submitted.get(number), output)
        elif event["type"] in ("TaskFailed", "LambdaFunctionFailed"):
            ended.add(number)
            error, cause = details.get("error"), details.get("cause")
            if not str(error).startswith("States.DataLimit"):  # the engine's own refusal of a result
                yield RecordedCall(case, number, resource, parameters, submitted.get(number), None, error, cause, True)
    for number in submitted.keys() - ended:
        _, resource, parameters = _asked(by_id[number])
        yield RecordedCall(case, number, resource, parameters, submitted[number], is_over=False)


def _scheduled(event: Mapping[str, Any], by_id: Mapping[int, Mapping[str, Any]]) -> tuple[int, str, Any] | None:
    """The number of the event that scheduled a Task, with what it calls; None for events of no Task."""
    if not event["type"].startswith(("Task", "LambdaFunction")) or "State" in event["type"]:
        return None
    while not event["type"].endswith("Scheduled"):
        if event["previousEventId"] not in by_id or not event["previousEventId"]:
            return None  # the recorder has lost the ids in a Parallel
        event = by_id[event["previousEventId"]]
    return _asked(event)


def _asked(event: Mapping[str, Any]) -> tuple[int, str, Any]:
    details = next(value for name, value in event.items() if name.endswith("EventDetails"))
    if event["type"] == "LambdaFunctionScheduled":
        return event["id"], FUNCTION, _parsed(details.get("input"))
    resource = f"arn:aws:states:::{details['resourceType']}:{details['resource']}"
    return event["id"], resource, _parsed(details["parameters"])


def _parsed(text: Any) -> Any:
    """What a payload holds; the recorder has parsed some."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


# what came out


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call gave here."""

    submitted: Any = None
    output: Any = None
    error: str | None = None
    cause: str | None = None


def difference(call: RecordedCall, found: Outcome) -> str | None:
    """Where what came out is not as recorded; None when it is."""
    if call.submitted is not None:
        place = unlike(call.submitted, found.submitted)
        if place is not None:
            return f"the answer to the call: {place}"
    if not call.is_over:
        return None
    if not call.is_failure:
        return found.error or unlike(call.output, found.output)
    if call.error != found.error and (call.error or found.error):
        return f"recorded the error {call.error}, found {found.error}: {found.cause}"
    return _unlike_cause(call.cause or "", found.cause or "")


_VARIES: Final = frozenset(
    {
        "Content-Length",
        "Date",
        "x-amzn-RequestId",
        "x-amz-crc32",
        "X-Amzn-Trace-Id",
        "requestId",
        "RequestId",
        "LogResult",
        "X-Amz-Log-Result",
    }
)
"""Fields of which only the kind is compared: each call has its own, or each service its own size of the same answer."""


def unlike(recorded: Any, found: Any, place: str = "") -> str | None:
    """Where two values have not the same shape, or differ in what no service makes up; None when they are alike."""
    if isinstance(recorded, dict) and isinstance(found, dict):
        if recorded.keys() != found.keys():
            lacks, more = sorted(recorded.keys() - found.keys()), sorted(found.keys() - recorded.keys())
            return f"at {place or '/'}: lacks {lacks}, has besides {more}"
        parts = (unlike(value, found[name], f"{place}/{name}") for name, value in recorded.items())
        return next((part for part in parts if part is not None), None)
    if isinstance(recorded, list) and isinstance(found, list):
        if len(recorded) != len(found):
            return f"at {place}: recorded {len(recorded)} elements, found {len(found)}"
        parts = (unlike(value, found[index], f"{place}/{index}") for index, value in enumerate(recorded))
        return next((part for part in parts if part is not None), None)
    name = re.sub(r"/\d+$", "", place).rpartition("/")[2]
    if name in _VARIES and isinstance(recorded, str):
        is_list = isinstance(found, list) and len(found) == 1  # the recorder has put names in place of lists too
        is_alike = isinstance(found, str) or (is_list and recorded.lower() in ("date", name.lower()))
    else:
        is_alike = equal(recorded, found) or (_is_date(recorded) and isinstance(found, int | str))
    return None if is_alike else f"at {place or '/'}: recorded {recorded!r}, found {found!r}"


def _is_date(value: Any) -> bool:
    return value in ("date", "start-date", "stop-date", "<start-date>", "<stop-date>")


_ATTEMPTS: Final = " (SDK Attempt Count: 1)"


def _unlike_cause(recorded: str, found: str) -> str | None:
    """A cause that is JSON is compared as such; else word by word, but for the SDK's count, which is newer than some
    recordings."""
    left, right = _parsed(recorded.replace(':<request-id>"', ':"<request-id>"')), _parsed(found)
    if isinstance(left, dict) and isinstance(right, dict):
        return unlike(_without_paths(left), _without_paths(right), "cause")
    if equal(recorded.removesuffix(_ATTEMPTS), found.removesuffix(_ATTEMPTS)):
        return None
    return f"recorded the cause {recorded!r}, found {found!r}"


def _without_paths(cause: Mapping[str, Any]) -> dict[str, Any]:
    """Where the code of a function lies is another place on each machine."""
    trace = cause.get("stackTrace")
    lines = [re.sub(r'File "[^"]*"', 'File "…"', line) for line in trace] if isinstance(trace, list) else trace
    return {**cause, "stackTrace": lines} if trace is not None else dict(cause)


# the table


def expected() -> list[tuple[RecordedCall, str | None]]:
    """Every recorded call with its exception, which is what the tests hold it to. Runs nothing."""
    return [(call, call.exception) for call in recorded_calls()]


def table(outcomes: Sequence[tuple[RecordedCall, str | None]]) -> str:
    """What came of each call, counted by action, in Markdown; the exceptions with their reasons."""
    rows = [HEADING, ("---", "---", "---:", "---:", "---:", "---:", "---")]
    for action in sorted({call.action for call, _ in outcomes}, key=_order):
        mine = [(call, reason) for call, reason in outcomes if call.action == action]
        failed = [(call, reason) for call, reason in mine if call.is_failure and call.is_of_service]
        answered = [each for each in mine if each not in failed]
        reasons = dict.fromkeys(reason for _, reason in mine if reason)
        counts = (_count(answered), _alike(answered), _count(failed), _alike(failed))
        rows.append(
            (f"`{action}`" if ":" in action else action, mine[0][0].answered_by, *counts, "; ".join(reasons) or "–")
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _order(action: str) -> tuple[bool, str]:
    return action.startswith("aws-sdk:"), action


def _count(calls: Sequence[object]) -> str:
    return str(len(calls) or "–")


def _alike(calls: Sequence[tuple[RecordedCall, str | None]]) -> str:
    return str(sum(reason is None for _, reason in calls)) if calls else "–"


def table_in(text: str) -> str | None:
    """The table that stands between the two comments in `text`, None when they are not there."""
    match = re.search(f"{re.escape(BEGIN)}\n(.*?)\n?{re.escape(END)}", text, re.DOTALL)
    return match[1].strip() if match else None


def main(*arguments: str) -> int:
    """Make every call and print the table; with `--write`, put it into the document. 1 when a call comes out otherwise
    that is not listed, or as recorded though it is."""
    from tests.conformance.service_world import ServiceWorld, lacking

    parser = ArgumentParser(prog="services")
    parser.add_argument("--write", action="store_true", help="put the table into docs/services.md")
    given = parser.parse_args(arguments)
    if not CONFORMANCE.is_dir() or lacking():
        why = f"there is no folder {CONFORMANCE}" if not CONFORMANCE.is_dir() else f"{', '.join(lacking())} is missing"
        sys.stderr.write(f"Skipped: {why}.\n")
        return 0
    with ServiceWorld.running() as world:
        found = [(call, difference(call, world.outcome(call))) for call in recorded_calls()]
    written = table([(call, call.exception or other) for call, other in found])
    sys.stdout.write(f"{written}\n")
    if given.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        DOCUMENT.write_text(f"{text[:begin]}\n{written}\n{text[end:]}", encoding="utf-8")
    wrong = [(call, other) for call, other in found if (call.exception is None) != (other is None)]
    for call, other in wrong:
        sys.stderr.write(f"\n{call.action} in {call.case}, event {call.event}\n    {other or 'is as recorded'}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

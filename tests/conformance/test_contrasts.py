"""A failed and a succeeded execution that AWS ran, of one definition: what is named first, and what decided it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger.decisive_data.contrast import contrast
from sfdebug.debugger.recorded.session import RecordedSession, open_recording
from sfdebug.reports.contrasts import contrast_sentences
from tests.conformance.fidelity import CONFORMANCE
from tests.history_runs import read_back

FOLDER = CONFORMANCE / "executions"
SCENARIO = "scenarios-test_base_scenarios__TestBaseScenarios-"
PAIRS = [
    (
        "base-test_wait__TestSfnWait-test_base_wait_seconds_path-1.5-",
        "base-test_wait__TestSfnWait-test_base_wait_seconds_path-1-",
        "WaitState failed in A with States.Runtime: it reads $.input.waitSeconds, which is 1.5 in A, 1 in B",
        "from the input at /input/waitSeconds",
    ),
    (
        "logs-test_logs__TestLogs-test_base-wait_seconds_path.json5_ALL_False-",
        "base-test_wait__TestSfnWait-test_base_wait_seconds_path-1-",
        "WaitState failed in A with States.Runtime: $.input.waitSeconds is missing in A, 1 in B",
        "its Wait could not be evaluated",
    ),
    (
        f"{SCENARIO}test_map_state_items_input_types-null-",
        f"{SCENARIO}test_map_state_items_input_array-mixed-",
        "MapIterateState failed in A with States.QueryEvaluationError: it reads its input, which is null in A",
        "from the input at /items",
    ),
    (
        f"{SCENARIO}test_map_state_tolerated_failure_count_path-NoNumber-",
        f"{SCENARIO}test_map_state_tolerated_failure_count_path-0-",
        'MapState failed in A with States.Runtime (The ToleratedFailureCountPath field refers to value "NoNumber"',
        '$.ToleratedFailureCount: A "NoNumber", B 0',
    ),
    (
        f"{SCENARIO}test_map_item_reader_csv_max_items_paths--1-",
        f"{SCENARIO}test_map_item_reader_csv_max_items_paths-2-",
        "MapState failed in A with States.ItemReaderFailed (field MaxItems must be positive); in B it succeeded",
        "$.MaxItems: A -1, B 2",
    ),
    (
        "callback-test_callback__TestCallback-test_start_execution_sync_delegate_timeout",
        "callback-test_callback__TestCallback-test_start_execution_sync",
        "StartExecution failed in A with States.TaskFailed (the execution that it started FAILED: States.Timeout)",
        "it was called with other data:",
    ),
    (
        "services-test_events_task_service__TestTaskServiceEvents-test_put_events_malformed_detail",
        "services-test_events_task_service__TestTaskServiceEvents-test_put_events_base",
        "PutEvents failed in A with EventBridge.FailedEntry",
        "/Entries/0/Detail: A",
    ),
    (
        "services-test_sns_task_service__TestTaskServiceSns-test_publish_base_error_topic_arn",
        "services-test_sns_task_service__TestTaskServiceSns-test_publish_base-HelloWorld-",
        "Publish failed in A with SNS.NotFoundException (Topic does not exist",
        "it was called with the same in both",
    ),
]  # fmt: skip


def opened(name: str) -> RecordedSession:
    case = json.loads((FOLDER / f"{name}__get_execution_history.json").read_text(encoding="utf-8"))
    definition = definition_from(case["definition"])
    return open_recording(read_back(case["history"]["events"]), definition, recorded_definition=definition)


@pytest.mark.skipif(not Path(FOLDER).is_dir(), reason="the recordings are not beside the checkout")
@pytest.mark.parametrize(("failed", "good", "lead", "also"), PAIRS, ids=[pair[0].split("-", 1)[1] for pair in PAIRS])
def test_of_executions_that_aws_ran_it_names_what_a_person_would(failed: str, good: str, lead: str, also: str) -> None:
    sentences = contrast_sentences(contrast(opened(failed), opened(good)))
    assert sentences[0].startswith(lead), "\n".join(sentences)
    assert also in "\n".join(sentences), "\n".join(sentences)

"""What an Express state machine does not have."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.asl.rules.resources import express_problems
from tests.asl_machines import TASK, one, processor


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            {**TASK, "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"},
            "no .waitForTaskToken integrations",
        ),
        ({**TASK, "Resource": "arn:aws:states:::states:startExecution.sync:2"}, "no .sync:2 integrations"),
        ({**TASK, "Resource": "arn:aws:states:us-east-1:111111111111:activity:a"}, "no activities"),
        (processor(), "no Distributed Maps"),
    ],
)
def test_what_express_does_not_have(state: dict[str, Any], words: str) -> None:
    (problem,) = express_problems(definition_from(one(state)))
    assert words in problem.what
    assert express_problems(definition_from(one(TASK))) == ()

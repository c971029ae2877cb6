"""How times are written in answers: by whoever runs a state machine, and by whoever calls a service."""

from __future__ import annotations

import pytest

from sfdebug.aws.answer_metadata import time_in_answer


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (1_738_633_790_099, "2025-02-04T01:49:50.099Z"),
        (1_738_633_790_100, "2025-02-04T01:49:50.100Z"),
        (1_738_633_790_000, "2025-02-04T01:49:50Z"),
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_sdk_integrations_write_a_time_as_text_and_optimized_ones_as_a_number(milliseconds: int, text: str) -> None:
    assert time_in_answer(milliseconds, is_sdk=True) == text
    assert time_in_answer(milliseconds, is_sdk=False) == milliseconds

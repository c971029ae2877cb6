"""A ticket as Markdown: what stands in it, what is left out of it on wish, and that no data break out of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from sfdebug.debugger.ticket import FailureStatistics, Ticket, ticket_of, ticket_without_history
from sfdebug.engine.execution.decisions import TaskFailure
from sfdebug.executions.groups import group_failures
from sfdebug.executions.outcome import ExecutionOutcome, Known
from sfdebug.reports.ticket import ticket_markdown
from tests.compared_pairs import FIELD, Pair, Run, session
from tests.debugger_runs import machine
from tests.unit.reports.test_markdown import HOSTILE

LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:charge"
PREFIX = "arn:aws:states:us-east-1:123456789012"


def failing(input: Any, error: str, cause: str, state: str = "Charge") -> Ticket:
    definition = machine(**{state: {"Type": "Task", "Resource": LAMBDA, "End": True}})
    pair = Pair("", definition, Run(input, {state: TaskFailure(error, cause)}), Run(), "")
    return ticket_of(session(pair, pair.failed, "run-1"))


def test_all_of_it_in_the_order_in_which_somebody_asks() -> None:
    text = ticket_markdown(ticket_of(session(FIELD, FIELD.failed, "run-1")))
    lines = text.splitlines()
    assert lines[0] == "## `Orders`: `Rejected` in `Reject`"
    assert lines[2] == "**FAILED** at 2025-01-01 00:00:00 UTC, after 0 ms, in `Reject` (event 4)."
    assert [line for line in lines if line.startswith("#")] == [
        "## `Orders`: `Rejected` in `Reject`",
        "### Cause",
        "### What led there",
        "### Data",
        "### Links",
    ]
    assert f"- **Execution**: `{PREFIX}:execution:Orders:run-1`" in lines
    assert "The Choice `Check` led to `Reject` (event 3): rule #1 matched." in lines
    assert any(line.startswith('- `$.country` is `"XX"` (`') for line in lines)
    assert any(line.startswith("<details><summary>The input of Reject (event 4), ") for line in lines)
    assert f"- In sfdebug: `sfdebug replay {PREFIX}:execution:Orders:run-1`" in lines
    assert text.endswith("\n")


@pytest.mark.parametrize("text", [one for one in HOSTILE if one.strip()])
def test_nothing_breaks_out(text: str) -> None:
    """Names, error, cause and data are hostile: there is no heading, link, table or markup that is not the ticket's."""
    name = text[:80]
    found = failing(
        {"a": text, text: [text]}, text, json.dumps({"errorType": text, "errorMessage": text, "trace": [text]}), name
    )
    for redact in (False, True):
        tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(ticket_markdown(found, redact=redact))
        kinds = {one.type for one in tokens}
        assert not kinds & {"table_open", "blockquote_open", "hr", "code_block"}
        assert [one.tag for one in tokens if one.type == "heading_open"] == ["h2", "h3", "h3", "h3"]
        for one in tokens:
            if one.type == "html_block":
                inside = one.content.replace("<details><summary>", "").replace("</summary>", "")
                assert "<" not in inside.replace("</details>", "")
            for child in one.children or ():
                assert child.type not in ("html_inline", "image", "s_open", "softbreak"), child
                if child.type == "link_open":
                    assert str(child.attrs["href"]).startswith("https://us-east-1.console.aws.amazon.com/") or (
                        str(child.attrs["href"]).startswith("https://eu-west-1.console.aws.amazon.com/")
                    )
        bare = "".join(child.content for one in tokens for child in one.children or () if child.type == "text")
        assert "@someone" not in bare


def test_large_data_are_cut_and_say_so() -> None:
    big = {
        "long": "x" * 9_000,
        "many": list(range(500)),
        "keys": {f"k{number}": number for number in range(400)},
        "deep": json.loads("[" * 40 + "]" * 40),
    }
    text = ticket_markdown(failing(big, "E", "c" * 30_000))
    assert len(text) < 30_000
    assert "... (9,000 characters)" in text
    assert "... 488 more" in text
    assert "... (30,000 characters)" in text
    assert "characters, cut</summary>" in text
    small = ticket_markdown(failing({"n": 1}, "E", "c"))
    assert "cut</summary>" not in small


def test_redacted_nothing_of_the_data_and_the_cause_is_left() -> None:
    secret = {
        "card": "4111-1111",
        "name": "Ada Ferrand",
        "items": [{"price": 77123}],
        "nested": '{"mail":"a@b.example"}',
    }
    cause = json.dumps(
        {"errorType": "Declined", "errorMessage": "Ada Ferrand has no 77123", "trace": ["at Ada Ferrand"]}
    )
    found = failing(secret, "Declined", cause)
    plain, redacted = ticket_markdown(found), ticket_markdown(found, redact=True)
    for word in ("4111-1111", "Ada Ferrand", "77123", "a@b.example"):
        assert word in plain
        assert word not in redacted
    for word in ("Declined", "`Charge`", '"card"', f"{PREFIX}:execution:Orders:run-1", "(24 characters, left out)"):
        assert word in redacted
    assert "The stack trace (1 line) is left out." in redacted
    assert redacted.splitlines()[-1].startswith("_Redacted: ")


def test_a_rule_without_values_when_redacted() -> None:
    run = session(FIELD, Run({"country": "XX", "orderId": "o-77"}), "run-1")
    redacted = ticket_markdown(ticket_of(run), redact=True)
    assert "o-77" not in redacted
    assert "rule #1 matched" in redacted
    assert " (`" not in redacted.partition("### What led there")[2].partition("###")[0].replace("(event", "")


def test_what_is_different_from_another_one_and_what_a_redrive_would_do() -> None:
    run, good = (session(FIELD, one, name) for one, name in ((FIELD.failed, "run-1"), (FIELD.good, "run-2")))
    found = ticket_of(run, against=good)
    lines = ticket_markdown(found).splitlines()
    at = lines.index("### What is different")
    assert lines[at + 2] == f"A is this execution, B is `{PREFIX}:execution:Orders:run-2` (SUCCEEDED)."
    assert lines[at + 5] == FIELD.lead
    (at,) = [at for at, line in enumerate(lines) if "Redrive" in line]
    assert lines[at].startswith("- **Redrive**: possible since 2025-01-01 ")
    assert lines[at + 1].startswith(
        "  - would run again, with the same input, under the definition that it ran: `Reject`,"
    )
    assert lines[at + 2].startswith("  - would not run again: ")
    late = ticket_markdown(found, now=1_735_689_600_000 + 15 * 86_400_000).splitlines()
    assert late[at].startswith("- **Redrive**: not possible any more since 2025-01-15 00:00:00 UTC, 14 days after it")
    assert late[at + 1 :] == lines[at + 3 :], "what it would do is told no more"
    redacted = ticket_markdown(found, redact=True)
    assert "The sentences quote values, and are left out." in redacted
    assert FIELD.lead not in redacted


def test_how_often_since_when_and_under_which_version() -> None:
    def one(number: int, **fields: Any) -> ExecutionOutcome:
        base = ExecutionOutcome(
            arn=f"{PREFIX}:execution:Orders:{number}",
            state_machine_arn=f"{PREFIX}:stateMachine:Orders",
            status="FAILED",
            known=Known.DESCRIBED,
            error="Declined",
            version_arn=f"{PREFIX}:stateMachine:Orders:{6 + number % 2}",
            stopped_at=1_735_689_600_000 + number * 1000,
            redrive_status="NOT_REDRIVABLE",
            redrive_status_reason="Execution is older than 14 days",
        )
        return replace(base, **fields)

    known = [one(number) for number in range(3)]
    statistics = FailureStatistics(group_failures(known)[0], 3, 5, 1_735_603_200_000, is_whole=False)
    lines = ticket_markdown(ticket_without_history(known[0], "it is denied", statistics)).splitlines()
    assert lines[2] == "**FAILED** at 2025-01-01 00:00:00 UTC."
    assert (
        "- **How often**: 3 times among 3 failures that were looked into; 2 more that failed were not "
        "(executions since 2024-12-31 00:00:00 UTC, the newest of them)" in lines
    )
    assert (
        "- **Seen**: first 2025-01-01 00:00:00 UTC, last 2025-01-01 00:00:02 UTC, under version `6`, version `7`"
        in lines
    )
    assert "- **Definition**: version `6`" in lines
    said = "- **Redrive**: not possible: `Execution is older than 14 days`; AWS said `NOT_REDRIVABLE` when it was asked"
    assert said in lines
    able = ticket_without_history(one(0, redrive_status="REDRIVABLE", redrive_status_reason=""), "it is denied")
    for now, words in (
        (1_736_000_000_000, "possible since 2025-01-01"),
        (1_770_000_000_000, "not possible any more since"),
    ):
        (line,) = [line for line in ticket_markdown(able, now=now).splitlines() if "edrive" in line]
        assert line.startswith(f"- **Redrive**: {words}")
    assert "- **Not known**: its history could not be read: it is denied" in lines


def test_what_went_well_and_what_nothing_is_known_of() -> None:
    good = ticket_markdown(ticket_of(session(FIELD, FIELD.good, "run-1")))
    assert good.splitlines()[0] == "## `Orders`: SUCCEEDED"
    assert "### Cause" not in good
    assert ticket_markdown(ticket_without_history(ExecutionOutcome(name="x"), "")).splitlines()[2] == "**NOT KNOWN**."

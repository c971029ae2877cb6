"""Explaining: of any stage, done, failed, waiting or still to come, what happened, why, and what one might expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.explaining import choices, faults, flow, maps, work
from sfdebug.debugger.explaining.ahead import ahead
from sfdebug.debugger.explaining.model import StageExplanation, StageReasons
from sfdebug.debugger.wording.stages import sentence
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger.explaining.model import StageFacts

MOST: Final = 400
"""So many characters each part of an explanation has at most; a cause may be as long as a book."""


def explain(facts: StageFacts) -> StageExplanation:
    """What a good teacher says of a stage."""
    if facts.stage is None:
        happened = ahead(facts)
    else:
        happened = sentence(
            facts.stage,
            facts.state,
            visit=facts.visit,
            progress=facts.progress,
            started_at=facts.execution.settings.start_time,
            container=facts.container,
            about_to_call=facts.about_to_call,
        )
    reasons = _reasons(facts)
    return StageExplanation(bounded(faults.without_preamble(happened)), bounded(reasons.why), bounded(reasons.expected))


def bounded(text: str) -> str:
    """A sentence on one line, with one full stop at its end, and cut where it is long."""
    line = " ".join(clean(text).split())
    if len(line) > MOST:
        line = f"{line[: MOST - 2].rstrip(' ,;:.')}…"
    return f"{line.rstrip('.')}." if line else ""


def _reasons(facts: StageFacts) -> StageReasons:
    if facts.is_played or facts.is_made_up:
        return StageReasons(_RECORDED)
    if facts.status is StageStatus.INJECTED:
        return faults.injected(facts)
    if facts.status is StageStatus.FAILED and facts.name not in _WORK:
        return faults.failed(facts)
    return _REASONS[facts.name](facts)


_RECORDED: Final = (
    "That is what AWS recorded. A history does not say what the fields of the state made of it, so there is no telling "
    "why."
)
_WORK: Final = frozenset({StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN})
_REASONS: Final[dict[StageName, Callable[[StageFacts], StageReasons]]] = {
    StageName.INPUT: flow.input_,
    StageName.INPUT_PATH: flow.input_path,
    StageName.PARAMETERS: flow.parameters,
    StageName.ARGUMENTS: flow.arguments,
    StageName.ITEMS_PATH: maps.items_path,
    StageName.ITEMS: maps.items,
    StageName.ITEM_READER: maps.item_reader,
    StageName.ITEM_SELECTOR: maps.item_selector,
    StageName.ITEM_BATCHER: maps.item_batcher,
    StageName.RESULT: flow.result,
    StageName.TASK: work.task,
    StageName.BRANCHES: work.branches,
    StageName.ITERATIONS: maps.iterations,
    StageName.MAP_RUN: maps.map_run,
    StageName.RESULT_WRITER: maps.result_writer,
    StageName.RULE: choices.rule,
    StageName.DEFAULT: choices.default,
    StageName.WAIT: work.wait,
    StageName.ERROR: faults.error,
    StageName.RETRY: faults.retry,
    StageName.CATCH: faults.catch,
    StageName.REDRIVE: faults.redrive,
    StageName.RESULT_SELECTOR: flow.result_selector,
    StageName.RESULT_PATH: flow.result_path,
    StageName.ASSIGN: flow.assign,
    StageName.OUTPUT_PATH: flow.output_path,
    StageName.OUTPUT: flow.output,
}

"""Why a Map does what it does: where its items are from, what each run is given, how its runs end.

Source: States Language specification, "Map State"; AWS docs, "Using Map state in Inline mode", "Using Map state in
Distributed mode", "Setting failure thresholds for Distributed Map states".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.explaining.faults import asked_next
from sfdebug.debugger.explaining.model import StageReasons
from sfdebug.debugger.explaining.templates import code, expressions_in, reads, shortened
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import StageStatus
from sfdebug.limits import MAX_DISTRIBUTED_MAP_CONCURRENCY, MAX_INLINE_MAP_CONCURRENCY
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger.explaining.model import StageFacts
    from sfdebug.values import Json

_ITEM_IN_JSONPATH: Final = r"\$\$\.Map\.Item|\$\$(?![.\w\[])|\$\$\.Map(?![.\w])"
_ITEM_IN_JSONATA: Final = r"\$states\.context\.Map\b|\$states\.context(?![.\w])|\$states(?![.\w])"


def _runs(state: State) -> str:
    return "child execution" if state.is_distributed else "iteration"


# The items


def items_path(facts: StageFacts) -> StageReasons:
    """ItemsPath."""
    given = "what InputPath selects" if facts.has("InputPath") else "the input of the Map"
    run = _runs(facts.state)
    why = f"ItemsPath says where in {given} the array is. Each of its items is for one {run}."
    return StageReasons(why, _of_items(facts))


def items(facts: StageFacts) -> StageReasons:
    """Items of a JSONata Map."""
    why = f"Items says what to go through. Each of its items is for one {_runs(facts.state)}."
    return StageReasons(why, _of_items(facts))


def _of_items(facts: StageFacts) -> str:
    after = facts.after
    if after == [] and isinstance(after, list):
        return (
            "One might expect an empty array to be an error. The Map has nothing to do, and its result is empty, too."
        )
    if isinstance(after, dict) and after:
        first = code(next(iter(after)))
        return f"One might expect an object to be one item. The Map goes through its pairs, beginning with {first}."
    return ""


def item_reader(facts: StageFacts) -> StageReasons:
    """ItemReader."""
    why = "ItemReader reads the items from outside when the Map Run starts. They never were in the input of the Map."
    written = facts.expression if isinstance(facts.expression, dict) else {}
    config = written.get("ReaderConfig")
    config = config if isinstance(config, dict) else {}
    read = facts.after if facts.is_done and isinstance(facts.after, list) else []
    most = config.get("MaxItems")
    if isinstance(most, int) and most and len(read) == most:
        return StageReasons(
            why,
            f"One might expect the whole dataset, however long it is. MaxItems reads {counted(most, 'item')} at most.",
        )
    number = _number_as_text(read[0]) if read and config.get("InputType") == "CSV" else ""
    if number:
        return StageReasons(
            why,
            f'One might expect numbers of a CSV file to be numbers. All of its values are texts, such as "{number}".',
        )
    return StageReasons(why)


def _number_as_text(item: Json) -> str:
    values = item.values() if isinstance(item, dict) else ()
    return next(
        (each for each in values if isinstance(each, str) and re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", each)), ""
    )


def item_selector(facts: StageFacts) -> StageReasons:
    """ItemSelector, or Parameters, which it was called formerly."""
    run = _runs(facts.state)
    if facts.is_jsonata:
        why = (
            "ItemSelector is worked out for each item, which is `$states.context.Map.Item.Value`; `$states.input` is "
            "the Map's own input."
        )
        reads_item, reads_input = reads(facts.expression, _ITEM_IN_JSONATA, is_jsonata=True), False
        item = "`$states.context.Map.Item.Value`"
    else:
        why = "ItemSelector is worked out for each item: `$$.Map.Item.Value` is the item, `$` the Map's own input."
        reads_item = any(re.search(_ITEM_IN_JSONPATH, text) for text in expressions_in(facts.expression))
        reads_input = any(re.match(r"\$(?:[.\[]|$)", text) for text in expressions_in(facts.expression))
        item = "`$$.Map.Item.Value`"
    if not reads_item:
        return StageReasons(
            why,
            f"One might expect the item to be in it by itself. Nothing here reads {item}, so no {run} sees its item.",
        )
    if reads_input:
        path = next(text for text in expressions_in(facts.expression) if re.match(r"\$(?:[.\[]|$)", text))
        return StageReasons(
            why,
            f"One might expect {code(path)} to be of the item. It is of the Map's input, the same for each {run}.",
        )
    return StageReasons(why)


def item_batcher(facts: StageFacts) -> StageReasons:
    """ItemBatcher."""
    written = facts.expression if isinstance(facts.expression, dict) else {}
    most = written.get("MaxItemsPerBatch")
    limit = f", at most {most:,} in each" if isinstance(most, int) else ""
    why = f"ItemBatcher puts items together{limit}: a child execution is given a batch in place of one item."
    return StageReasons(
        why, "One might expect a child execution to be given the items alone. They are under Items in its input."
    )


# The runs


def iterations(facts: StageFacts) -> StageReasons:
    """The run of an inline Map."""
    if facts.stage is None or facts.status is StageStatus.WAITING:
        most = _concurrency(facts, MAX_INLINE_MAP_CONCURRENCY)
        why = f"Each iteration is a run of its own, on its own item; {most}."
        return StageReasons(why, _waits_for_nobody(facts))
    if facts.status is StageStatus.FAILED:
        fault = facts.stage.fault
        asked = asked_next(facts.state, fault.error if fault else None)
        why = f"One failed iteration fails the whole Map, and what others did is lost. {asked}"
        tolerates = next((name for name in _TOLERANCE if facts.has(name)), "")
        if tolerates:
            return StageReasons(
                why, f"One might expect {tolerates} to let it pass. It counts for a distributed Map alone."
            )
        return StageReasons(
            why,
            "One might expect the other items to be done all the same. A Catch inside the iteration would let them.",
        )
    return StageReasons(
        "The result is an array: the outputs in the order of the items, whichever ended first.", _no_items_left(facts)
    )


_TOLERANCE: Final = (
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
)


def _concurrency(facts: StageFacts, most: int) -> str:
    """How many run side by side, in words."""
    written = facts.field("MaxConcurrency")
    if written == 1:
        return "MaxConcurrency 1 has them run one after the other"
    if isinstance(written, int) and not isinstance(written, bool) and written > 0:
        return f"MaxConcurrency lets {min(written, most):,} run side by side"
    if facts.has("MaxConcurrencyPath") or isinstance(written, str):
        return "MaxConcurrency says how many run side by side"
    if written == 0:
        return f"MaxConcurrency 0 sets no limit of its own, and up to {most:,} run side by side"
    return f"without MaxConcurrency up to {most:,} run side by side"


def _waits_for_nobody(facts: StageFacts) -> str:
    if facts.field("MaxConcurrency") == 1 or (facts.progress is not None and facts.progress.ended):
        return ""
    count = len(facts.before) if isinstance(facts.before, list) else 0
    if facts.stage is not None and count < 2:
        return ""
    return "One might expect the items to be done one after the other. That takes MaxConcurrency 1."


def _no_items_left(facts: StageFacts) -> str:
    if isinstance(facts.after, list) and facts.after and not facts.is_jsonata and not facts.has("ResultPath"):
        return "One might expect the items to be changed in place. The outputs are the result, and replace the input."
    return ""


def map_run(facts: StageFacts) -> StageReasons:
    """The Map Run of a distributed Map."""
    if facts.stage is None or facts.status is StageStatus.WAITING:
        most = _concurrency(facts, MAX_DISTRIBUTED_MAP_CONCURRENCY)
        thing = "batch" if facts.has("ItemBatcher") else "item"
        why = f"Each {thing} is for an execution of its own, with its own history; {most}."
        has_begun = facts.progress is not None and facts.progress.ended + facts.progress.failed > 0
        seen = facts.visit.variables if facts.visit is not None and not has_begun else {}
        if seen:
            name = code("$" + next(iter(seen)))
            return StageReasons(
                why,
                f"One might expect the children to see {name}. No variable of the parent reaches a child execution.",
            )
        return StageReasons(why)
    if facts.status is StageStatus.FAILED:
        fault = facts.stage.fault
        return StageReasons(f"{_threshold(facts)} {asked_next(facts.state, fault.error if fault else None)}")
    if not isinstance(facts.after, list):
        return StageReasons("The results are not in it: they are where ResultWriter has put them.")
    failures = _failures(facts)
    if failures:
        those = "It is" if failures == 1 else "They are"
        return StageReasons(
            f"{failures:,} failed, and that is tolerated: {_tolerated(facts.state)}.",
            f"One might expect what failed to be left out of the result. {those} in it, with the error and its cause.",
        )
    return StageReasons("The result is an array: the outputs of the child executions, in the order of their items.")


def _failures(facts: StageFacts) -> int:
    """How many child executions of a Map Run failed whose results stand in its own; 0 where that is not so."""
    visit = facts.visit
    if visit is None or facts.has("ResultWriter"):
        return 0
    place = (*visit.branch, (visit.state.name, 0))
    return sum(
        child.status is not ExecutionStatus.SUCCEEDED
        and child.identity.start_time >= visit.entered_at
        and len(child.id) == len(place)
        and child.id[:-1] == visit.branch
        and child.id[-1][0] == visit.state.name
        for child in facts.execution.ended_children
    )


def _tolerated(state: State) -> str:
    parts = [f"{name} {state.fields[name]}" for name in _TOLERANCE if name in state.fields]
    return " and ".join(shortened(part, 60) for part in parts) or "none, for no threshold is set"


def _threshold(facts: StageFacts) -> str:
    fault = facts.stage.fault if facts.stage is not None else None
    if fault is not None and fault.error == "States.ExceedToleratedFailureThreshold":
        return f"More child executions failed than are tolerated: {_tolerated(facts.state)}."
    return "The Map Run itself has failed."


def result_writer(facts: StageFacts) -> StageReasons:
    """ResultWriter."""
    written = facts.expression if isinstance(facts.expression, dict) else {}
    if "Resource" not in written:
        return StageReasons(
            "Without a Resource, ResultWriter writes no file: it shapes the results for the next stage."
        )
    return StageReasons(
        "ResultWriter keeps the results out of the execution, where 256 KiB would be the most.",
        "One might expect the results in the output. The output only says where they were written.",
    )

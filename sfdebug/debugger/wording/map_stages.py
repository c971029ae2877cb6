"""The sentences of a Map's stages: where its items come from, what is made of them, and how its run goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.wording.values import dataset_place, named, noun, quoted
from sfdebug.engine.execution.visit import StageStatus
from sfdebug.text import counted
from sfdebug.values import Json, Value

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger.timeline.progress import Progress
    from sfdebug.debugger.wording.stage_context import StageContext


def items_path(scene: StageContext) -> str:
    """ItemsPath: the list that is gone through."""
    return f"ItemsPath {quoted(scene.stage.expression)} picks the list to go through: {_items(scene.stage.after)}."


def items(scene: StageContext) -> str:
    """Items of a JSONata Map."""
    return f"Items gives the list to go through: {_items(scene.stage.after)}."


def item_reader(scene: StageContext) -> str:
    """ItemReader: how many items were read, and where."""
    place = dataset_place(scene.stage.before)
    source = f" from {place}" if place else ""
    return f"ItemReader read {_items(scene.stage.after)}{source}{scene.source}."


def each_run(state: State, count: int) -> str:
    """What a Map runs for its items, as the end of a sentence: "each of the 3 iterations"."""
    thing = "child execution" if state.is_distributed else "iteration"
    return f"the only {thing}" if count == 1 else f"each of the {count:,} {thing}s"


def item_batcher(scene: StageContext) -> str:
    """ItemBatcher: how many batches the items make."""
    given, made = _count(scene.stage.before), _count(scene.stage.after)
    batches = counted(made, "batch")
    return f"ItemBatcher makes {batches} of {counted(given, 'item')}: each is the input of one child execution."


def iterations(scene: StageContext) -> str:
    """The run of an inline Map."""
    stage = scene.stage
    count = _count(stage.before)
    if stage.status is StageStatus.WAITING:
        if not count:
            return f"There are no items: {named(scene.state.name)} has nothing to do."
        return f"The processor runs once for each of {counted(count, 'item')}{ended(scene.progress)}."
    if stage.status is StageStatus.FAILED:
        others = " and the others were stopped" if count > 1 else ""
        return f"An iteration failed{others}, so {named(scene.state.name)} fails with {scene.fault}."
    return f"All iterations have ended: their outputs make {noun(stage.after)}."


def map_run(scene: StageContext) -> str:
    """The Map Run of a distributed Map: asking for its items, running them, and how it ended."""
    stage, name = scene.stage, scene.state.name
    if stage.status is StageStatus.FAILED:
        return f"The Map Run failed{scene.source}, so {named(name)} fails with {scene.fault}."
    if stage.status is not StageStatus.WAITING:
        if scene.source:
            return f"The Map Run gave {noun(stage.after)}{scene.source}."
        return f"The Map Run is over: its child executions give {noun(stage.after)}."
    progress = scene.progress
    if progress is not None:
        if not progress.total:
            return f"There are no items: the Map Run of {named(name)} has nothing to do."
        runs = counted(progress.total, "child execution")
        return f"The Map Run of {named(name)} runs {runs}, each with a history of its own: {progress.text}."
    if "ItemReader" not in scene.state.fields:
        return f"The Map Run of {named(name)} starts: it runs a child execution for each item."
    place = dataset_place(stage.before)
    finds = f"what its ItemReader finds{f' at {place}' if place else ''}"
    return f"The Map Run of {named(name)} has started, and waits for {finds}."


def result_writer(scene: StageContext) -> str:
    """ResultWriter: what is written where; nothing is, in a simulation."""
    stage = scene.stage
    if isinstance(stage.before, dict):
        details = stage.after.get("ResultWriterDetails") if isinstance(stage.after, dict) else None
        place = _written_to(details)
        files = counted(len(stage.before), "file")
        return f"ResultWriter exports the results{place} in {files} (only shown here); the result says where they are."
    return f"ResultWriter turns the child executions' results into {noun(stage.after)}."


def ended(progress: Progress | None) -> str:
    """How many have ended, as an addition to a sentence."""
    if progress is None:
        return ""
    return f"; {progress.ended:,} of {progress.total:,} {'has' if progress.ended == 1 else 'have'} ended"


def _written_to(details: Json) -> str:
    if not isinstance(details, dict) or not isinstance(details.get("Bucket"), str):
        return ""
    return f" to s3://{details['Bucket']}/{details.get('Key', '')}"


def _count(value: Value) -> int:
    return len(value) if isinstance(value, list) else 0


def _items(value: Value) -> str:
    return counted(len(value), "item") if isinstance(value, list) else noun(value)

"""One plain sentence for what a stage just did, for learners and tired people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.debugger.phrases import (
    are,
    counted,
    fault_name,
    fault_with_cause,
    kept_by,
    listed,
    lost_by,
    noun,
    quoted,
    template_parts,
)
from sfdebug.debugger.purpose import purpose_of
from sfdebug.debugger.words import clock_text, seconds_text
from sfdebug.engine.decisions import Provenance
from sfdebug.engine.faults import TIMEOUT
from sfdebug.engine.visit import CatchVerdict, RetryVerdict, Stage, StageName, StageStatus
from sfdebug.expressions.choice import Verdict
from sfdebug.expressions.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.asl.definition import State
    from sfdebug.engine.decisions import ForceChoice
    from sfdebug.engine.visit import Visit


@dataclass(frozen=True, slots=True)
class _Scene:
    """A stage, and what is known around it."""

    stage: Stage
    state: State
    visit: Visit | None
    progress: tuple[int, int] | None
    started_at: int | None
    container: State | None


def sentence(
    stage: Stage,
    state: State,
    *,
    visit: Visit | None = None,
    progress: tuple[int, int] | None = None,
    started_at: int | None = None,
    container: State | None = None,
) -> str:
    """What `stage` of a visit to `state` did, as one English sentence.

    What else is known makes it more precise: the `visit`, how many branches have ended of how many (`progress`),
    when the execution started (`started_at`, milliseconds since 1970), and the Parallel or Map around the state.
    """
    scene = _Scene(stage, state, visit, progress, started_at, container)
    if stage.status is StageStatus.INJECTED:
        what = "attempt" if state.type is StateType.TASK else f"run of the {state.type}"
        return f"You made this {what} fail with {fault_with_cause(stage.fault)}."
    if stage.status is StageStatus.FAILED and stage.name not in _TELL_THEIR_FAILURE:
        return f"{stage.name}{_written(stage)} cannot be worked out, so {state.name} fails with {_fault(stage)}."
    return _SENTENCES[stage.name](scene)


def about_to_run(state: State, *, edited: bool = False, forced: ForceChoice | None = None) -> str:
    """What is about to happen, before a state is entered."""
    text = f"About to run {state.name}, {'an' if state.type[0] in 'AEIOU' else 'a'} {state.type} state"
    if edited:
        text += ", with the input that you gave"
    if forced is not None:
        rule = f"rule {forced.rule + 1}" if forced.rule is not None else "its Default"
        text += f"; you forced it to take {rule}"
    purpose = "" if edited or forced is not None else purpose_of(state)
    return f"{text}: {purpose}." if purpose else f"{text}."


# one function for each stage


def _input(scene: _Scene) -> str:
    by_user = " that you gave" if scene.stage.provenance is Provenance.USER else ""
    return f"{scene.state.name} starts with the input{by_user}: {noun(scene.stage.after)}."


def _input_path(scene: _Scene) -> str:
    stage, path = scene.stage, scene.stage.expression
    if path is None:
        return f"InputPath null throws the input away: {scene.state.name} works on an empty object."
    if not isinstance(path, str) or path == "$":
        return "InputPath `$` keeps the whole input."
    if path.startswith("$$"):
        return f"InputPath `{path}` takes {noun(stage.after)} from the Context object in place of the input."
    comes_back = scene.state.fields.get("ResultPath", "$") != "$"  # ResultPath works on the state's raw input
    until = "out of sight until ResultPath" if comes_back else "gone from here on"
    return f"InputPath `{path}` keeps only {_selected(stage, path)}{_left_behind(stage, path, until)}."


def _output_path(scene: _Scene) -> str:
    stage, path = scene.stage, scene.stage.expression
    if path is None:
        return "OutputPath null throws everything away: the output is an empty object."
    if not isinstance(path, str) or path == "$":
        return "OutputPath `$` passes everything on."
    if path.startswith("$$"):
        return f"OutputPath `{path}` passes on {noun(stage.after)} from the Context object."
    return f"OutputPath `{path}` passes on only {_selected(stage, path)}{_left_behind(stage, path, 'left behind')}."


def _selected(stage: Stage, path: str) -> str:
    kept = kept_by(path)
    return f"{kept}, {noun(stage.after)}" if kept == "what it selects" else kept


def _left_behind(stage: Stage, path: str, how: str) -> str:
    lost = lost_by(path, stage.before)
    if not lost:
        return ""
    names = f"the {lost[0]}" if len(lost) == 1 else listed(lost)
    return f"; {names} {are(lost)} {how}"


def _parameters(scene: _Scene) -> str:
    whose = "the task's input" if scene.state.type is StateType.TASK else "a new value"
    if scene.state.type is StateType.PARALLEL:
        whose = "the input of every branch"
    return _built(scene.stage, f"Parameters builds {whose}")


def _result_selector(scene: _Scene) -> str:
    return _built(scene.stage, "ResultSelector builds the result anew")


def _item_selector(scene: _Scene) -> str:
    items = scene.stage.after
    count = len(items) if isinstance(items, list) else 0
    for_each = "the input of the only iteration" if count == 1 else f"the input of each of the {count:,} iterations"
    return _built(scene.stage, f"ItemSelector builds {for_each}")


def _built(stage: Stage, start: str) -> str:
    template = stage.expression
    parts = template_parts(template if isinstance(template, dict) else None)
    if not parts:
        return f"{start}, as written in the definition: {noun(stage.after)}."
    return f"{start}: {listed(parts)}."


def _items_path(scene: _Scene) -> str:
    items = scene.stage.after
    count = counted(len(items), "item") if isinstance(items, list) else noun(items)
    return f"ItemsPath {quoted(scene.stage.expression)} picks the list to go through: {count}."


def _result(scene: _Scene) -> str:
    return f"Result puts a value written in the definition in place of the input: {noun(scene.stage.after)}."


def _task(scene: _Scene) -> str:
    stage, state = scene.stage, scene.state
    if stage.status is StageStatus.WAITING:
        attempt = f" (attempt {stage.attempt})" if stage.attempt > 1 else ""
        return f"{state.name} has been called{attempt} with {noun(stage.before)}, and waits for its answer."
    if stage.status is StageStatus.FAILED:
        fault, source = stage.fault, _SOURCES.get(stage.provenance, "")
        if fault is not None and fault.error == TIMEOUT and fault.cause is None:
            what = "sent no heartbeat in time" if fault.aliases else "did not answer in time"
            return f"{state.name} {what}: the attempt fails with {TIMEOUT}."
        return f"{state.name} failed with {fault_with_cause(fault)}{source}."
    return f"{state.name} returned {noun(stage.after)}{_SOURCES.get(stage.provenance, '')}."


def _branches(scene: _Scene) -> str:
    stage, count = scene.stage, len(scene.state.branches)
    if stage.status is StageStatus.WAITING:
        ended = _ended(scene.progress)
        how = "with" if count == 1 else "side by side, each with"
        return f"{scene.state.name} runs {counted(count, 'branch')} {how} {noun(stage.before)}{ended}."
    if stage.status is StageStatus.FAILED:
        others = " and the others were stopped" if count > 1 else ""
        return f"A branch failed{others}, so {scene.state.name} fails with {_fault(stage)}."
    return f"All branches have ended: their outputs make {noun(stage.after)}."


def _iterations(scene: _Scene) -> str:
    stage = scene.stage
    items = stage.before
    count = len(items) if isinstance(items, list) else 0
    if stage.status is StageStatus.WAITING:
        if not count:
            return f"There are no items: {scene.state.name} has nothing to do."
        return f"The processor runs once for each of {counted(count, 'item')}{_ended(scene.progress)}."
    if stage.status is StageStatus.FAILED:
        others = " and the others were stopped" if count > 1 else ""
        return f"An iteration failed{others}, so {scene.state.name} fails with {_fault(stage)}."
    return f"All iterations have ended: their outputs make {noun(stage.after)}."


def _ended(progress: tuple[int, int] | None) -> str:
    if progress is None:
        return ""
    ended, count = progress
    return f"; {ended:,} of {count:,} {'has' if ended == 1 else 'have'} ended"


def _rule(scene: _Scene) -> str:
    stage, state = scene.stage, scene.state
    index = stage.index or 0
    target = state.choices[index].next if index < len(state.choices) else ""
    verdict = stage.detail if isinstance(stage.detail, Verdict) else None
    why = f" ({verdict.why})" if verdict is not None and verdict.why else ""
    if stage.status is StageStatus.FORCED:
        if verdict is None:
            although = ", although it cannot be evaluated"
        else:
            although = f"; it matches anyway{why}" if verdict.matched else f", although it does not match{why}"
        return f"You forced rule {index + 1}: {state.name} goes on to {target}{although}."
    if stage.status is StageStatus.MATCHED:
        return f"Rule {index + 1} matches{why}: {state.name} goes on to {target}."
    return f"Rule {index + 1} does not match{why}."


def _default(scene: _Scene) -> str:
    name, target = scene.state.name, scene.state.default
    if scene.stage.status is StageStatus.FORCED:
        return f"You forced the Default: {name} goes on to {target}."
    return f"No rule matches: {name} goes on to its Default, {target}."


def _wait(scene: _Scene) -> str:
    until = parse_timestamp(scene.stage.after) if isinstance(scene.stage.after, str) else None
    if until is None:
        return f"{scene.state.name} waits."
    end = clock_text(until - scene.started_at) if scene.started_at is not None else str(scene.stage.after)
    if scene.visit is None:
        return f"{scene.state.name} waits until {end} of virtual time."
    seconds = (until - scene.visit.entered_at) / 1000
    if seconds <= 0:
        return f"{scene.state.name} does not wait: its time has come already."
    return f"{scene.state.name} waits {seconds_text(seconds)} of virtual time until {end}."


def _error(scene: _Scene) -> str:
    fault = scene.stage.after
    error, cause = (fault.get("Error"), fault.get("Cause")) if isinstance(fault, dict) else (None, None)
    text = f": {str(cause).rstrip('.')}" if cause else ""
    return f"{scene.state.name} raises {error or 'an error without a name'}{text}."


def _retry(scene: _Scene) -> str:
    stage = scene.stage
    number = (stage.index or 0) + 1
    verdict = stage.detail if isinstance(stage.detail, RetryVerdict) else None
    if stage.status is not StageStatus.MATCHED:
        return f"Retrier {number} does not try again: {verdict.why if verdict else 'it does not match'}."
    delay = stage.after if isinstance(stage.after, (int, float)) else 0
    attempt, most = stage.attempt + 1, max((retrier.max_attempts for retrier in scene.state.retriers), default=0) + 1
    of = f" of {most:,}" if attempt <= most else ""
    jitter = ""
    if verdict is not None and verdict.delay_seconds is not None and verdict.delay_seconds != delay:
        jitter = f" (with jitter, {seconds_text(verdict.delay_seconds)} at most)"
    return (
        f"Retrier {number} matches {fault_name(stage.fault)}: it waits {seconds_text(round(delay, 3))}{jitter}, "
        f"then tries again: attempt {attempt:,}{of}."
    )


def _catch(scene: _Scene) -> str:
    stage = scene.stage
    number = (stage.index or 0) + 1
    verdict = stage.detail if isinstance(stage.detail, CatchVerdict) else None
    if stage.status is not StageStatus.MATCHED:
        return f"Catcher {number} does not take it: {verdict.why if verdict else 'it does not match'}."
    entry = stage.expression
    path = entry.get("ResultPath", "$") if isinstance(entry, dict) else "$"
    if path is None:
        keeps = "throws the error away"
    elif path == "$":
        keeps = "puts the error in place of everything"
    else:
        keeps = f"puts the error at `{path}`"
    target = verdict.next if verdict else "its Next"
    return f"Catcher {number} takes {fault_name(stage.fault)}, {keeps} and goes to {target}."


def _result_path(scene: _Scene) -> str:
    path = scene.stage.expression
    if path is None:
        return f"ResultPath null throws the result away: the input of {scene.state.name} goes on as it was."
    if path == "$":
        return "ResultPath `$` puts the result in place of everything."
    return f"ResultPath adds the result to the input of {scene.state.name}, at `{path}`."


def _output(scene: _Scene) -> str:
    visit, state = scene.visit, scene.state
    output = noun(scene.stage.after)
    if visit is not None and visit.next is not None:
        return f"{state.name} is done: {visit.next} gets {output}."
    if visit is not None and visit.branch:
        run = "iteration" if scene.container is not None and scene.container.type is StateType.MAP else "branch"
        return f"{state.name} is done, and its {run} ends with {output}."
    if visit is not None:
        return f"{state.name} is done, and the execution ends with {output}."
    return f"{state.name} is done: its output is {output}."


def _written(stage: Stage) -> str:
    return f" {quoted(stage.expression)}" if isinstance(stage.expression, str) else ""


def _fault(stage: Stage) -> str:
    return fault_with_cause(stage.fault).removesuffix(".")  # the sentence brings its own full stop


_SOURCES: Final = {
    Provenance.RECORDED: " (as recorded)",
    Provenance.MOCKED: " (its mock)",
    Provenance.FUNCTION: " (a Python function)",
    Provenance.USER: " (your answer)",
}
_TELL_THEIR_FAILURE: Final = frozenset({StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS})
_SENTENCES: Final[dict[StageName, Callable[[_Scene], str]]] = {
    StageName.INPUT: _input,
    StageName.INPUT_PATH: _input_path,
    StageName.PARAMETERS: _parameters,
    StageName.ITEMS_PATH: _items_path,
    StageName.ITEM_SELECTOR: _item_selector,
    StageName.RESULT: _result,
    StageName.TASK: _task,
    StageName.BRANCHES: _branches,
    StageName.ITERATIONS: _iterations,
    StageName.RULE: _rule,
    StageName.DEFAULT: _default,
    StageName.WAIT: _wait,
    StageName.ERROR: _error,
    StageName.RETRY: _retry,
    StageName.CATCH: _catch,
    StageName.RESULT_SELECTOR: _result_selector,
    StageName.RESULT_PATH: _result_path,
    StageName.OUTPUT_PATH: _output_path,
    StageName.OUTPUT: _output,
}

"""One plain sentence for what a state is there for, and for what a stage just did: for learners and tired people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.debugger.wording.values import (
    are,
    dataset_location,
    fault_name,
    fault_with_cause,
    jsonata_parts,
    kept_by,
    listed,
    lost_by,
    named,
    noun,
    quoted,
    template_parts,
)
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.visit import CatchVerdict, RetryVerdict, Stage, StageName, StageStatus, VisitStatus
from sfdebug.engine.faults import TIMEOUT
from sfdebug.engine.resources import Family, parse_resource
from sfdebug.expressions.choice import Verdict
from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.text import counted
from sfdebug.times import clock_text, seconds_text
from sfdebug.values import MISSING, Json, Value, is_present, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.asl.definition import State
    from sfdebug.debugger.wording.positions import Progress
    from sfdebug.engine.execution.decisions import ForceChoice
    from sfdebug.engine.execution.visit import Stage, Visit


_SOURCES = {
    Provenance.RECORDED: " (as recorded)",
    Provenance.MOCKED: " (its mock)",
    Provenance.FUNCTION: " (a function)",
    Provenance.SERVICE: " (a service that was called)",
    Provenance.USER: " (your answer)",
}


class _StageContext(Struct, frozen=True, gc=False):
    """`progress` is that of the branches that the state runs, `container` the Parallel or Map around the state."""

    stage: Stage
    state: State
    visit: Visit | None
    progress: Progress | None
    started_at: int | None
    container: State | None
    about_to_call: str = ""

    @property
    def is_jsonata(self) -> bool:
        """Whether the state's expressions are JSONata."""
        return self.state.query_language is QueryLanguage.JSONATA

    @property
    def is_over(self) -> bool:
        """Whether the visit is over: what has no result then was cut off."""
        return self.visit is not None and self.visit.status is not VisitStatus.RUNNING

    @property
    def source(self) -> str:
        """Who gave the value, as an addition: " (its mock)"; "" for what was computed."""
        return _SOURCES.get(self.stage.provenance, "")

    @property
    def fault(self) -> str:
        """The fault of the stage; the sentence brings its own full stop."""
        return fault_with_cause(self.stage.fault).removesuffix(".")


# What a state is there for, in a few words, before it runs


def purpose_of(state: State) -> str:
    """What `state` will do, as the end of a sentence: "it calls sqs:sendMessage". "" when its type says it all."""
    if state.type is StateType.TASK:
        return _task_purpose(state)
    if state.type is StateType.CHOICE:
        return _choice_purpose(state)
    if state.type is StateType.PARALLEL:
        count = len(state.branches)
        return f"it runs {count} branches side by side" if count > 1 else "it runs its one branch"
    if state.type is StateType.MAP:
        each = "a child execution" if state.is_distributed else "once"
        return f"it runs {each} for each item, from {named(state.branches[0].start_at)} on{_gives_items(state)}"
    return ""


def _gives_items(state: State) -> str:
    """Where the items of a distributed Map come from, when they do not come from its input."""
    reader = state.fields.get("ItemReader")
    resource = parse_resource(str(reader.get("Resource", ""))) if isinstance(reader, dict) else None
    return f"; {resource.type}:{resource.action} gives the items" if resource is not None else ""


def _choice_purpose(state: State) -> str:
    count = len(state.choices)
    if count == 1:
        leads = f"its rule leads to {named(state.choices[0].next)} if it matches"
    else:
        leads = f"the first of its {count} rules that matches leads on"
    return f"{leads}, else {named(state.default)}" if state.default else leads


def _task_purpose(state: State) -> str:
    resource = parse_resource(state.resource)
    if resource.family is Family.SERVICE:
        called = f"it calls {resource.type}:{resource.action}"
    elif resource.family is Family.ACTIVITY:
        called = "a worker of its activity does the work"
    else:
        called = "it calls a Lambda function"
    retries = max((retrier.max_attempts for retrier in state.retriers), default=0)
    return f"{called}, with up to {retries} retries" if retries > 1 else called


# A Map's stages: where its items come from, what is made of them, and how its run goes


def _items_path(context: _StageContext) -> str:
    """ItemsPath: the list that is gone through."""
    return f"ItemsPath {quoted(context.stage.expression)} picks the list to go through: {_items(context.stage.after)}."


def items(context: _StageContext) -> str:
    """Items of a JSONata Map."""
    return f"Items gives the list to go through: {_items(context.stage.after)}."


def _item_reader(context: _StageContext) -> str:
    """ItemReader: how many items were read, and where."""
    location = dataset_location(context.stage.before)
    source = f" from {location}" if location else ""
    return f"ItemReader read {_items(context.stage.after)}{source}{context.source}."


def _each_run(state: State, count: int) -> str:
    """What a Map runs for its items, as the end of a sentence: "each of the 3 iterations"."""
    thing = "child execution" if state.is_distributed else "iteration"
    return f"the only {thing}" if count == 1 else f"each of the {count:,} {thing}s"


def _item_batcher(context: _StageContext) -> str:
    """ItemBatcher: how many batches the items make."""
    given, made = _count(context.stage.before), _count(context.stage.after)
    batches = counted(made, "batch")
    return f"ItemBatcher makes {batches} of {counted(given, 'item')}: each is the input of one child execution."


def iterations(context: _StageContext) -> str:
    """The run of an inline Map."""
    stage = context.stage
    count = _count(stage.before)
    if stage.status is StageStatus.WAITING:
        if not count:
            return f"There are no items: {named(context.state.name)} has nothing to do."
        times = "once, for the one item" if count == 1 else f"once for each of {count:,} items"
        return f"The processor runs {times}{ended(context.progress)}."
    if stage.status is StageStatus.FAILED:
        others = " and the others were stopped" if count > 1 else ""
        return f"An iteration failed{others}, so {named(context.state.name)} fails with {context.fault}."
    return f"All iterations have ended: their outputs make {noun(stage.after)}."


def _map_run(context: _StageContext) -> str:
    """The Map Run of a distributed Map: asking for its items, running them, and how it ended."""
    stage, name = context.stage, context.state.name
    if stage.status is StageStatus.FAILED:
        return f"The Map Run failed{context.source}, so {named(name)} fails with {context.fault}."
    if stage.status is not StageStatus.WAITING:
        if context.source:
            return f"The Map Run gave {noun(stage.after)}{context.source}."
        return f"The Map Run is over: its child executions give {noun(stage.after)}."
    progress = context.progress
    if progress is not None:
        if not progress.total:
            return f"There are no items: the Map Run of {named(name)} has nothing to do."
        runs = counted(progress.total, "child execution")
        return f"The Map Run of {named(name)} runs {runs}, each with a history of its own: {progress.text}."
    if "ItemReader" not in context.state.fields:
        return f"The Map Run of {named(name)} starts: it runs a child execution for each item."
    location = dataset_location(stage.before)
    finds = f"what its ItemReader finds{f' at {location}' if location else ''}"
    return f"The Map Run of {named(name)} has started, and waits for {finds}."


def _result_writer(context: _StageContext) -> str:
    """ResultWriter: what is written where; nothing is, in a simulation."""
    stage = context.stage
    if isinstance(stage.before, dict):
        details = stage.after.get("ResultWriterDetails") if isinstance(stage.after, dict) else None
        location = _written_to(details)
        files = counted(len(stage.before), "file")
        return (
            f"ResultWriter exports the results{location} in {files} (only shown here); the result says where they are."
        )
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


# Any stage


def sentence(
    stage: Stage,
    state: State,
    *,
    visit: Visit | None = None,
    progress: Progress | None = None,
    started_at: int | None = None,
    container: State | None = None,
    about_to_call: str = "",
) -> str:
    """What `stage` of a visit to `state` did, as one English sentence.

    What else is known makes it more precise: the `visit`, how many branches have ended of how many (`progress`),
    when the execution started (`started_at`, milliseconds since 1970), the Parallel or Map around the state, and what
    the next step really calls (`about_to_call`).
    """
    context = _StageContext(stage, state, visit, progress, started_at, container, about_to_call)
    if stage.status is StageStatus.INJECTED:
        what = "attempt" if state.type is StateType.TASK else f"run of the {state.type}"
        return f"You made this {what} fail with {fault_with_cause(stage.fault)}."
    if stage.status is StageStatus.FAILED and stage.name not in _TELL_THEIR_FAILURE:
        return f"{stage.name}{_written(stage)} cannot be worked out, so {named(state.name)} fails with {context.fault}."
    return _SENTENCES[stage.name](context)


def about_to_run(state: State, *, edited: bool = False, forced: ForceChoice | None = None) -> str:
    """What is about to happen, before a state is entered."""
    text = f"About to run {named(state.name)}, {'an' if state.type[0] in 'AEIOU' else 'a'} {state.type} state"
    if edited:
        text += ", with the input that you gave"
    if forced is not None:
        rule = f"rule {forced.rule + 1}" if forced.rule is not None else "its Default"
        text += f"; you forced it to take {rule}"
    purpose = "" if edited or forced is not None else purpose_of(state)
    return f"{text}: {purpose}." if purpose else f"{text}."


# one function for each stage


def _input(context: _StageContext) -> str:
    by_user = " that you gave" if context.stage.provenance is Provenance.USER else ""
    return f"{named(context.state.name)} starts with the input{by_user}: {noun(context.stage.after)}."


def _input_path(context: _StageContext) -> str:
    stage, path = context.stage, context.stage.expression
    if path is None:
        return f"InputPath null throws the input away: {named(context.state.name)} works on an empty object."
    if not isinstance(path, str) or path == "$":
        return "InputPath `$` keeps the whole input."
    if path.startswith("$$"):
        return f"InputPath `{path}` takes {noun(stage.after)} from the Context object in place of the input."
    comes_back = context.state.fields.get("ResultPath", "$") != "$"  # ResultPath works on the state's raw input
    until = "out of sight until ResultPath" if comes_back else "gone from here on"
    return f"InputPath `{path}` keeps only {_selected(stage, path)}{_left_behind(stage, path, until)}."


def _output_path(context: _StageContext) -> str:
    stage, path = context.stage, context.stage.expression
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


def _parameters(context: _StageContext) -> str:
    whose = "the task's input" if context.state.type is StateType.TASK else "a new value"
    if context.state.type is StateType.PARALLEL:
        whose = "the input of every branch"
    return _built(context, f"{context.stage.name} builds {whose}")


def _result_selector(context: _StageContext) -> str:
    return _built(context, "ResultSelector builds the result anew")


def _item_selector(context: _StageContext) -> str:
    items = context.stage.after
    count = len(items) if isinstance(items, list) else 0
    return _built(context, f"ItemSelector builds the input of {_each_run(context.state, count)}")


def _built(context: _StageContext, start: str) -> str:
    stage = context.stage
    if context.is_jsonata and isinstance(stage.expression, str):
        return f"{start} with {quoted(stage.expression)}: {noun(stage.after)}."
    template = stage.expression if isinstance(stage.expression, dict) else None
    parts = jsonata_parts(template) if context.is_jsonata else template_parts(template)
    if not parts:
        return f"{start}, as written in the definition: {noun(stage.after)}."
    return f"{start}: {listed(parts)}."


def _result(context: _StageContext) -> str:
    return f"Result puts a value written in the definition in place of the input: {noun(context.stage.after)}."


def _task(context: _StageContext) -> str:
    stage, state = context.stage, context.state
    if stage.status is StageStatus.WAITING:
        attempt = f" (attempt {stage.attempt})" if stage.attempt > 1 else ""
        if context.about_to_call:
            what = f"calls {context.about_to_call}{attempt} with {noun(stage.before)}"
            return f"The next step {what}; until then nothing is called."
        called = f"{named(state.name)} has been called{attempt} with {noun(stage.before)}"
        how = "it was cut off before its answer" if context.is_over else "and waits for its answer"
        return f"{called}{';' if context.is_over else ','} {how}."
    if stage.status is StageStatus.FAILED:
        fault = stage.fault
        if fault is not None and fault.error == TIMEOUT and fault.cause is None:
            what = "sent no heartbeat in time" if fault.aliases else "did not answer in time"
            return f"{named(state.name)} {what}: the attempt fails with {TIMEOUT}."
        return f"{named(state.name)} failed with {fault_with_cause(fault)}{context.source}."
    return f"{named(state.name)} returned {noun(stage.after)}{context.source}."


def _branches(context: _StageContext) -> str:
    stage, count = context.stage, len(context.state.branches)
    if stage.status is StageStatus.WAITING:
        so_far = "; it was cut off" if context.is_over else ended(context.progress)
        how = "with" if count == 1 else "side by side, each with"
        return f"{named(context.state.name)} runs {counted(count, 'branch')} {how} {noun(stage.before)}{so_far}."
    if stage.status is StageStatus.FAILED:
        others = " and the others were stopped" if count > 1 else ""
        return f"A branch failed{others}, so {named(context.state.name)} fails with {context.fault}."
    return f"All branches have ended: their outputs make {noun(stage.after)}."


def _rule(context: _StageContext) -> str:
    stage, state = context.stage, context.state
    index = stage.index or 0
    target = state.choices[index].next if index < len(state.choices) else ""
    verdict = stage.detail if isinstance(stage.detail, Verdict) else None
    why = f" ({verdict.why})" if verdict is not None and verdict.why else ""
    if stage.status is StageStatus.FORCED:
        if verdict is None:
            although = ", although it cannot be evaluated"
        else:
            although = f"; it matches anyway{why}" if verdict.matched else f", although it does not match{why}"
        return f"You forced rule {index + 1}: {named(state.name)} goes on to {named(target)}{although}."
    if stage.status is StageStatus.MATCHED:
        return f"Rule {index + 1} matches{why}: {named(state.name)} goes on to {named(target)}."
    return f"Rule {index + 1} does not match{why}."


def _default(context: _StageContext) -> str:
    name, target = context.state.name, context.state.default or ""
    if context.stage.status is StageStatus.FORCED:
        return f"You forced the Default: {named(name)} goes on to {named(target)}."
    return f"No rule matches: {named(name)} goes on to its Default, {named(target)}."


def _wait(context: _StageContext) -> str:
    until = parse_timestamp(context.stage.after) if isinstance(context.stage.after, str) else None
    if until is None:
        return f"{named(context.state.name)} waits."
    end = f"+{clock_text(until - context.started_at)}" if context.started_at is not None else str(context.stage.after)
    if context.visit is None:
        return f"{named(context.state.name)} waits until {end} of virtual time."
    seconds = (until - context.visit.entered_at) / 1000
    if seconds <= 0:
        return f"{named(context.state.name)} does not wait: its time has come already."
    return f"{named(context.state.name)} waits {seconds_text(seconds)} of virtual time until {end}."


def _error(context: _StageContext) -> str:
    fault = context.stage.after
    error, cause = (fault.get("Error"), fault.get("Cause")) if isinstance(fault, dict) else (None, None)
    text = f": {str(cause).rstrip('.')}" if cause else ""
    return f"{named(context.state.name)} raises {error or 'an error without a name'}{text}."


def _retry(context: _StageContext) -> str:
    stage = context.stage
    number = (stage.index or 0) + 1
    verdict = stage.detail if isinstance(stage.detail, RetryVerdict) else None
    if stage.status is not StageStatus.MATCHED:
        why = verdict.why if verdict else "it does not match"
        return f"Retrier {number} does not try again: {'it ' if why.startswith('matches') else ''}{why}."
    delay = stage.after if isinstance(stage.after, (int, float)) else 0
    attempt, retriers = stage.attempt + 1, context.state.retriers
    # each Retrier counts for itself: beside others, one does not say how many attempts there can be
    most = retriers[0].max_attempts + 1 if len(retriers) == 1 else 0
    of = f" of {most:,}" if attempt <= most else ""
    jitter = ""
    if verdict is not None and verdict.delay_seconds is not None and verdict.delay_seconds != delay:
        jitter = f" (with jitter, {seconds_text(verdict.delay_seconds)} at most)"
    return (
        f"Retrier {number} matches {fault_name(stage.fault)}: it waits {seconds_text(round(delay, 3))}{jitter}, "
        f"then tries again: attempt {attempt:,}{of}."
    )


def _redrive(context: _StageContext) -> str:
    redrive = context.stage.expression
    count, moment = (
        (redrive.get("RedriveCount"), redrive.get("RedriveTime")) if isinstance(redrive, dict) else (None, None)
    )
    number = f" (redrive {count})" if count is not None else ""
    when = f" at {moment}" if moment else ""
    return f"The execution was redriven{when}{number}: {context.state.name} goes on with the input that it had."


def _catch(context: _StageContext) -> str:
    stage = context.stage
    number = (stage.index or 0) + 1
    verdict = stage.detail if isinstance(stage.detail, CatchVerdict) else None
    if stage.status is not StageStatus.MATCHED:
        return f"Catcher {number} does not take it: {verdict.why if verdict else 'it does not match'}."
    entry = stage.expression if isinstance(stage.expression, dict) else {}
    path = entry.get("ResultPath", "$")
    if context.is_jsonata:
        keeps = "makes its own Output" if "Output" in entry else "puts the error in place of everything"
    elif path is None:
        keeps = "throws the error away"
    elif path == "$":
        keeps = "puts the error in place of everything"
    else:
        keeps = f"puts the error at `{path}`"
    target = verdict.next if verdict else "its Next"
    return f"Catcher {number} takes {fault_name(stage.fault)}, {keeps} and goes to {named(target)}."


def _result_path(context: _StageContext) -> str:
    path = context.stage.expression
    if path is None:
        return f"ResultPath null throws the result away: the input of {named(context.state.name)} goes on as it was."
    if path == "$":
        return "ResultPath `$` puts the result in place of everything."
    return f"ResultPath adds the result to the input of {named(context.state.name)}, at `{path}`."


def _assign(context: _StageContext) -> str:
    old, new = context.stage.before, context.stage.after
    if not isinstance(new, dict) or not new:
        return "Assign changes no variable."
    given: dict[str, Json] = old if isinstance(old, dict) else {}
    parts = [_assigned(name, value, given.get(name, MISSING)) for name, value in new.items()]
    visit = context.visit
    seen = f"by {named(visit.next)}" if visit is not None and visit.next is not None else "from the next state on"
    return f"Assign: {listed(parts)}; {'it is' if len(parts) == 1 else 'they are'} seen {seen}."


def _assigned(name: str, new: Json, old: Value) -> str:
    if not is_present(old):
        return f"`${name}` is new: {noun(new)}"
    return f"`${name}` stays {noun(new)}" if same(new, old) else f"`${name}` is now {noun(new)} (was {noun(old)})"


def _output(context: _StageContext) -> str:
    visit, state = context.visit, context.state
    output = noun(context.stage.after)
    done = f"{named(state.name)} is done"
    if context.is_jsonata and is_present(context.stage.expression):
        done = f"Output makes what {named(state.name)} gives on"
    if visit is not None and visit.next is not None:
        return f"{done}: {named(visit.next)} gets {output}."
    if visit is not None and visit.branch:
        return f"{done}, and its {_run_of(context)} ends with {output}."
    if visit is not None:
        return f"{done}, and the execution ends with {output}."
    return f"{done}: its output is {output}."


def _run_of(context: _StageContext) -> str:
    if context.container is None or context.container.type is not StateType.MAP:
        return "branch"
    return "child execution" if context.container.is_distributed else "iteration"


def _written(stage: Stage) -> str:
    return f" {quoted(stage.expression)}" if isinstance(stage.expression, str) else ""


_TELL_THEIR_FAILURE: Final = frozenset({StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN})
_SENTENCES: Final[dict[StageName, Callable[[_StageContext], str]]] = {
    StageName.INPUT: _input,
    StageName.INPUT_PATH: _input_path,
    StageName.PARAMETERS: _parameters,
    StageName.ARGUMENTS: _parameters,
    StageName.ITEMS_PATH: _items_path,
    StageName.ITEMS: items,
    StageName.ITEM_READER: _item_reader,
    StageName.ITEM_SELECTOR: _item_selector,
    StageName.ITEM_BATCHER: _item_batcher,
    StageName.RESULT: _result,
    StageName.TASK: _task,
    StageName.BRANCHES: _branches,
    StageName.ITERATIONS: iterations,
    StageName.MAP_RUN: _map_run,
    StageName.RESULT_WRITER: _result_writer,
    StageName.RULE: _rule,
    StageName.DEFAULT: _default,
    StageName.WAIT: _wait,
    StageName.ERROR: _error,
    StageName.RETRY: _retry,
    StageName.CATCH: _catch,
    StageName.REDRIVE: _redrive,
    StageName.RESULT_SELECTOR: _result_selector,
    StageName.RESULT_PATH: _result_path,
    StageName.ASSIGN: _assign,
    StageName.OUTPUT_PATH: _output_path,
    StageName.OUTPUT: _output,
}

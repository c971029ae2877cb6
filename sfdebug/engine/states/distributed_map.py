"""Map, distributed: a Map Run, whose items come from a dataset or the input, and run as child executions.

Source: AWS docs, "Using Map state in Distributed mode"; the events are those of AWS's recorded executions.
Phases: WORK (about to start), ASKING (the outside may know the items, or the result), CHILDREN, then EXIT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.engine.execution.children import ChildExecution, child_identity, map_run_arn
from sfdebug.engine.execution.decisions import Dataset, Provenance, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.events import NOT_TRUNCATED, EventType
from sfdebug.engine.execution.execution import Branch, Phase
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.settings import ObjectItems
from sfdebug.engine.execution.visit import Fault, RequestKind, StageName, StageStatus
from sfdebug.engine.execution.work import NO_ITEMS, Items, MapRunWork, PreparedWork
from sfdebug.engine.faults import QUERY_EVALUATION_ERROR, RUNTIME, StateError
from sfdebug.engine.items.batching import ItemBatcher
from sfdebug.engine.items.reading import ItemReader
from sfdebug.engine.items.writing import ResultWriter, results_of
from sfdebug.engine.states.map import ItemsProgram
from sfdebug.errors import DecisionError
from sfdebug.limits import MAX_DISTRIBUTED_MAP_CONCURRENCY, ExecutionType
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.decisions import AnswerTask
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json


_STATE_DATA: Final = "STATE_DATA"
"""What `$$.Map.Item.Source` says of items from the state's input. AWS docs: "Context object data for Map states"."""


class MapRunProgram(ItemsProgram):
    """A distributed Map state."""

    branches_stage = StageName.MAP_RUN
    takes_objects = (ObjectItems.DISTRIBUTED, ObjectItems.EVERYWHERE)

    def __init__(self, state: State) -> None:
        super().__init__(state)
        fields = state.fields
        self.reader = ItemReader(self.fields) if "ItemReader" in fields else None
        self.batcher = ItemBatcher(self.fields) if "ItemBatcher" in fields else None
        self.writer = ResultWriter(self.fields) if "ResultWriter" in fields else None
        label = fields.get("Label")
        self.label = label if isinstance(label, str) else state.name.replace(" ", "")
        config = self.processor.fields.get("ProcessorConfig")
        kind = config.get("ExecutionType") if isinstance(config, dict) else None
        self.execution_type = kind if isinstance(kind, str) else ExecutionType.STANDARD

    # before the Map Run

    def prepare(self, draft: StepDraft) -> PreparedWork:
        """What the reader is asked with, or else the items of the input."""
        value = self.flow.selected_input(draft)
        concurrency = self.max_concurrency(draft)
        if self.reader is not None:
            return PreparedWork(self.reader.arguments(draft, value), NO_ITEMS, concurrency, value)
        items = self.found_items(draft, value)
        items = replace(items, sources=(_STATE_DATA,) * len(items))
        return PreparedWork(items.given, items, concurrency, value)

    def announce(self, draft: StepDraft, work: PreparedWork) -> int:
        """Emit MapStateStarted. Recorded: with an ItemReader its length is 0, for it is not known yet."""
        return draft.emit(EventType.MAP_STATE_STARTED, {"length": len(work.items)})

    def start(self, draft: StepDraft, work: PreparedWork, started: int) -> None:
        """Start the Map Run, and ask the outside. Recorded: faulty limits fail the state before MapRunStarted."""
        tolerance = self.tolerance(draft, work.selected)
        most = self.reader.max_items(draft, work.selected) if self.reader else None
        arn = map_run_arn(
            draft.settings, self.label, f"{draft.id}/{draft.visit.entered_event_id}/{draft.visit.attempt}"
        )
        event_id = draft.emit(EventType.MAP_RUN_STARTED, {"mapRunArn": arn})
        draft.work = replace(work, arn=arn, tolerance=tolerance, max_items=most)
        draft.ask(work.input, event_id, kind=RequestKind.MAP_RUN, is_optional=self.reader is None)

    def announce_injected(self, draft: StepDraft, work: PreparedWork, fault: Fault) -> None:
        """The Map Run that an injected failure ends, in AWS's events."""
        draft.emit(EventType.MAP_RUN_STARTED, {"mapRunArn": self._map_run_arn(draft)})
        draft.emit(EventType.MAP_RUN_FAILED, fault.details)

    def _map_run_arn(self, draft: StepDraft) -> str:
        visit = draft.visit
        return map_run_arn(draft.settings, self.label, f"{draft.id}/{visit.entered_event_id}/{visit.attempt}")

    # the answer

    def answer(self, draft: StepDraft, decision: AnswerTask) -> None:
        """The outside has answered: with the dataset that the ItemReader reads, or for the whole Map Run."""
        answer, work = decision.answer, draft.work
        assert isinstance(work, PreparedWork)
        if isinstance(answer, TaskSilence):
            raise DecisionError(f"'{self.state.name}' is a Map: its Map Run cannot stay silent")
        if isinstance(answer, Dataset) and self.reader is None:
            raise DecisionError(f"'{self.state.name}' has no ItemReader: it takes no dataset")
        draft.request = None
        if answer.after_seconds > 0:
            draft.work = replace(work, answer=answer)
            draft.sleep(answer.after_seconds * 1000)
        else:
            self._take_in(draft, work, answer)

    def proceed(self, draft: StepDraft) -> None:
        """Go on without an answer; take in the one that was on its way; or what every Map does."""
        work = draft.work
        if draft.phase is Phase.ASKING and isinstance(work, PreparedWork):
            draft.request = None
            self._run(draft, work, work.items)
        elif isinstance(work, PreparedWork) and work.answer is not None:
            self._take_in(draft, work, work.answer)
        else:
            super().proceed(draft)

    def _take_in(self, draft: StepDraft, work: PreparedWork, answer: TaskResult | TaskFailure | Dataset) -> None:
        if isinstance(answer, TaskResult):
            self._succeed(draft, work.input, answer.output, answer.provenance)
        elif isinstance(answer, TaskFailure):
            self.fail_run(draft, Fault(answer.error, answer.cause), answer.provenance)
        else:
            self._read(draft, work, answer)

    def _read(self, draft: StepDraft, work: PreparedWork, dataset: Dataset) -> None:
        assert self.reader is not None
        try:
            items = self.reader.read(draft, work, dataset)
        except StateError as failure:
            draft.visit.stage_last(StageName.MAP_RUN)
            self.fail_run(draft, draft.visit.fault_of(failure))
            return
        self._run(draft, work, items)

    def _run(self, draft: StepDraft, work: PreparedWork, items: Items) -> None:
        """Make the child executions' inputs of the items, and start the first of them."""
        try:
            inputs, counts = self._inputs(draft, work, items)
        except StateError as failure:
            self._fail_own(draft, failure)
            return
        draft.visit.stage_last(
            StageName.MAP_RUN
        )  # its items come before it, as in an inline Map, and its result after it
        assert work.tolerance is not None
        most = work.concurrency or MAX_DISTRIBUTED_MAP_CONCURRENCY
        running = MapRunWork(
            work.input,
            work.arn,
            inputs,
            counts,
            work.tolerance,
            min(most, MAX_DISTRIBUTED_MAP_CONCURRENCY),
            Log(),
            Log(),
        )
        draft.phase = Phase.CHILDREN
        self._start_next(draft, running)

    def _inputs(self, draft: StepDraft, work: PreparedWork, items: Items) -> tuple[tuple[Json, ...], tuple[int, ...]]:
        """What the child executions are given, and how many items each stands for."""
        selected = self.selected_items(draft, work.selected, items)
        if self.batcher is None:
            return tuple(selected), (1,) * len(selected)
        batches = self.batcher.batches(draft, work.selected, selected)
        return tuple(batch.input for batch in batches), tuple(batch.count for batch in batches)

    def _fail_own(self, draft: StepDraft, failure: StateError) -> None:
        """Not recorded: a Map Run whose own fields cannot be used ends with a MapRunFailed, as with a faulty reader.

        Raises `failure` again where it is the state's expression or path, which says so by itself.
        """
        fault = draft.visit.fault_of(failure)
        if failure.error not in (RUNTIME, QUERY_EVALUATION_ERROR):
            self.fail_run(draft, fault)
            return
        draft.emit(EventType.MAP_RUN_FAILED, fault.details)
        run = draft.visit.last_stage(StageName.MAP_RUN)
        assert run is not None
        draft.visit.end_stage(StageName.MAP_RUN, run.before, MISSING, status=StageStatus.FAILED, fault=fault)
        raise failure

    # the child executions

    def progress(self, draft: StepDraft) -> None:
        """Start more child executions, or end the Map Run."""
        work = draft.work
        assert isinstance(work, MapRunWork)
        if not work.is_complete:
            self._start_next(draft, work)
            return
        try:
            result = self.writer.written(draft, work) if self.writer else results_of(draft, work)
        except StateError as failure:
            self._fail_own(draft, failure)
            return
        self._succeed(draft, work.input, result)

    def _succeed(
        self, draft: StepDraft, value: Json, result: Json, provenance: Provenance = Provenance.COMPUTED
    ) -> None:
        """Emit MapRunSucceeded, and give the result on.

        Recorded: MapStateSucceeded follows it, and MapStateExited does, too, or follows MapRunStarted, as of late.
        """
        succeeded = draft.emit(EventType.MAP_RUN_SUCCEEDED, advance=False)
        self.gather(draft, value, result, EventType.MAP_STATE_SUCCEEDED, provenance, follows=succeeded)

    def _start_next(self, draft: StepDraft, work: MapRunWork) -> None:
        if work.can_start:
            work = self._start_child(draft, work)
        while work.is_eager:
            work = self._start_child(draft, work)
        draft.work = work

    def _start_child(self, draft: StepDraft, work: MapRunWork) -> MapRunWork:
        index = work.next_index
        child_id, given = (*draft.id, (self.state.name, index)), work.inputs[index]
        now = draft.settings.start_time + draft.clock
        identity = child_identity(draft.settings, self.label, f"{work.arn}/{index}", given, now, self.execution_type)
        branch = Branch(
            id=child_id,
            scope_path=self.processor.path,
            phase=Phase.READY,
            state_name=self.processor.start_at,
            input=given,
            previous_event_id=0,
            turn=draft.execution.turn,
            child_id=child_id,
        )
        draft.start_child(ChildExecution(child_id, work.arn, identity, self.execution_type), branch)
        draft.emit(
            EventType.EXECUTION_STARTED,
            {"input": given, "inputDetails": NOT_TRUNCATED, "roleArn": draft.settings.role_arn},
            previous=0,
            advance=False,
            branch=child_id,
            state="",
            child_id=child_id,
        )
        return replace(work, next_index=index + 1)

    # the end of the Map Run

    def fail_children(self, draft: StepDraft, fault: Fault) -> None:
        """Too many child executions have failed."""
        self.fail_run(draft, fault)

    def fail_run(self, draft: StepDraft, fault: Fault, provenance: Provenance = Provenance.COMPUTED) -> None:
        """The Map Run has failed. Recorded: MapRunFailed, then MapStateFailed when no Retrier takes the fault."""
        draft.emit(EventType.MAP_RUN_FAILED, fault.details)
        self.fail(draft, fault, StageStatus.FAILED, provenance)

"""sfdebug: a debugger for AWS Step Functions.

What a script, a test or a face of its own needs stands here: what runs (`simulate`, `Debugger`, `test_state`, `replay`,
`verify`, `coverage`), what answers Tasks (`FunctionTasks`, `MockConfig`, …), what can be asked of a definition (`load`,
`validate`, `graph`), the project that it stands in (`load_project`), and every type that their signatures name.

These names, their parameters and fields are stable: what changes is said in CHANGELOG.md, and what is taken away was
deprecated for a minor version before. All else can change at any time: the modules that they stand in, types that
signatures name and that are not here, the words of messages, what `repr` shows.

Each name is imported when it is first asked for, so that `import sfdebug` is fast and loads no screen library, no AWS
client and no networkx.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sfdebug.asl.definition import (
        Catcher as Catcher,
        ChoiceRule as ChoiceRule,
        QueryLanguage as QueryLanguage,
        Retrier as Retrier,
        Scope as Scope,
        State as State,
        StateMachine as StateMachine,
        StatePath as StatePath,
        StateType as StateType,
    )
    from sfdebug.asl.load import Definition as Definition
    from sfdebug.aws.catalogue.models import MissingModelsError as MissingModelsError
    from sfdebug.debugger.breakpoints.breakpoint import (
        Breakpoint as Breakpoint,
        BreakpointSign as BreakpointSign,
        HitRule as HitRule,
        Trigger as Trigger,
    )
    from sfdebug.debugger.breakpoints.breakpoints import Breakpoints as Breakpoints, LogLine as LogLine
    from sfdebug.debugger.data_origins.model import (
        DataOrigin as DataOrigin,
        DataPlace as DataPlace,
        DataRead as DataRead,
        DataSide as DataSide,
        NextWrite as NextWrite,
        OriginKind as OriginKind,
        OriginStep as OriginStep,
        ReadKind as ReadKind,
        UnknownOrigin as UnknownOrigin,
        WriteKind as WriteKind,
    )
    from sfdebug.debugger.debugger import Debugger as Debugger
    from sfdebug.debugger.explaining.model import StageExplanation as StageExplanation
    from sfdebug.debugger.expressions.language import DebugSyntaxError as DebugSyntaxError
    from sfdebug.debugger.recorded.session import (
        RecordedSession as RecordedSession,
        begin_recording as begin_recording,
        open_recording as open_recording,
    )
    from sfdebug.debugger.stepping.forecasts import (
        ChoiceForecast as ChoiceForecast,
        Fate as Fate,
        OutcomeForecast as OutcomeForecast,
    )
    from sfdebug.debugger.stepping.travel import Interrupt as Interrupt, RunningVerb as RunningVerb
    from sfdebug.debugger.timeline.index import TakenEdge as TakenEdge
    from sfdebug.debugger.timeline.index import TakenEdges as TakenEdges
    from sfdebug.debugger.timeline.nodes import Cursor as Cursor, TimelineNode as TimelineNode
    from sfdebug.debugger.timeline.forks import ForkInfo as ForkInfo
    from sfdebug.debugger.verbs import (
        Hint as Hint,
        Stop as Stop,
        StopReason as StopReason,
        Verb as Verb,
    )
    from sfdebug.debugger.view.model import (
        BranchLine as BranchLine,
        MarkStatus as MarkStatus,
        StageLine as StageLine,
        StateMark as StateMark,
        Variable as Variable,
        View as View,
    )
    from sfdebug.debugger.watches import Watches as Watches, WatchLine as WatchLine
    from sfdebug.debugger.wording.positions import Pending as Pending, Progress as Progress
    from sfdebug.engine.execution.decisions import (
        Answer as Answer,
        BranchId as BranchId,
        Dataset as Dataset,
        Provenance as Provenance,
        Submission as Submission,
        TaskFailure as TaskFailure,
        TaskResult as TaskResult,
        TaskSilence as TaskSilence,
    )
    from sfdebug.engine.execution.events import Event as Event
    from sfdebug.engine.execution.execution import Execution as Execution
    from sfdebug.engine.execution.settings import ObjectItems as ObjectItems, Settings as Settings
    from sfdebug.engine.execution.status import ExecutionStatus as ExecutionStatus
    from sfdebug.engine.execution.visit import (
        CatchVerdict as CatchVerdict,
        Fault as Fault,
        RequestKind as RequestKind,
        RetryVerdict as RetryVerdict,
        Stage as Stage,
        StageName as StageName,
        StageStatus as StageStatus,
        TaskRequest as TaskRequest,
        Visit as Visit,
        VisitStatus as VisitStatus,
    )
    from sfdebug.errors import (
        DefinitionError as DefinitionError,
        InputError as InputError,
        MockConfigError as MockConfigError,
        NestingError as NestingError,
        Problem as Problem,
        SfdebugError as SfdebugError,
        UnansweredTaskError as UnansweredTaskError,
        UnsupportedError as UnsupportedError,
        UsageError as UsageError,
    )
    from sfdebug.expressions.choice import Verdict as Verdict
    from sfdebug.expressions.jsonata.limits import JsonataLimits as JsonataLimits
    from sfdebug.history.alignment.recorded_tasks import RecordedTasks as RecordedTasks
    from sfdebug.history.coverage.model import (
        Coverage as Coverage,
        CoverageItem as CoverageItem,
        CoverageKind as CoverageKind,
        CoverageShare as CoverageShare,
        TakenItems as TakenItems,
    )
    from sfdebug.history.recording import (
        ExecutionInfo as ExecutionInfo,
        RecordedEvent as RecordedEvent,
        Recording as Recording,
        RecordingError as RecordingError,
    )
    from sfdebug.history.replay.event_comparison import Difference as Difference, DifferenceKind as DifferenceKind
    from sfdebug.history.replay.replay import Replay as Replay, ReplayProgress as ReplayProgress
    from sfdebug.history.verification.verdict import (
        Conclusion as Conclusion,
        Verification as Verification,
        VerificationStatus as VerificationStatus,
    )
    from sfdebug.limits import ExecutionType as ExecutionType
    from sfdebug.projects.addresses import load as load
    from sfdebug.projects.finding import is_project as is_project
    from sfdebug.projects.loading import load_project as load_project
    from sfdebug.projects.model import (
        AssumedBasis as AssumedBasis,
        AssumedValue as AssumedValue,
        CodeKind as CodeKind,
        FileRole as FileRole,
        MachineTrigger as MachineTrigger,
        ProjectError as ProjectError,
        ProjectFile as ProjectFile,
        ProjectFormat as ProjectFormat,
        ProjectFunction as ProjectFunction,
        ProjectMachine as ProjectMachine,
        ProjectParameter as ProjectParameter,
        ProjectResource as ProjectResource,
        ResourceKind as ResourceKind,
        Substitution as Substitution,
        TaskTarget as TaskTarget,
        TriggerSource as TriggerSource,
    )
    from sfdebug.projects.project import MachineChoiceError as MachineChoiceError, Project as Project
    from sfdebug.replayer import (
        History as History,
        ReplayDifferenceError as ReplayDifferenceError,
        VerificationError as VerificationError,
        coverage as coverage,
        recordings as recordings,
        replay as replay,
        verify as verify,
    )
    from sfdebug.simulation import EndlessExecutionError as EndlessExecutionError, simulate as simulate
    from sfdebug.state_graph import graph as graph
    from sfdebug.state_testing.calling import test_state as test_state
    from sfdebug.state_testing.request import (
        ErrorResponse as ErrorResponse,
        ErrorText as ErrorText,
        TestStateError as TestStateError,
    )
    from sfdebug.tasks.datasets import LocalFiles as LocalFiles
    from sfdebug.tasks.answerers import Answerer as Answerer, AnswererKind as AnswererKind
    from sfdebug.tasks.functions import FunctionTasks as FunctionTasks, TaskFunction as TaskFunction
    from sfdebug.tasks.handler import FirstAnswer as FirstAnswer, TaskHandler as TaskHandler
    from sfdebug.tasks.mock_config import (
        MockConfig as MockConfig,
        MockFileError as MockFileError,
        MockedTasks as MockedTasks,
    )
    from sfdebug.tasks.state_machines import (
        NestedExecutionError as NestedExecutionError,
        StateMachines as StateMachines,
    )
    from sfdebug.validation import Diagnostic as Diagnostic, Validation as Validation, validate as validate
    from sfdebug.values import MISSING as MISSING, Json as Json, Missing as Missing, Value as Value

__version__ = "0.1.0"

_HOMES: Final = {
    "sfdebug.asl.definition": "Catcher ChoiceRule QueryLanguage Retrier Scope State StateMachine StatePath StateType",
    "sfdebug.asl.load": "Definition",
    "sfdebug.aws.catalogue.models": "MissingModelsError",
    "sfdebug.debugger.breakpoints.breakpoint": "Breakpoint BreakpointSign HitRule Trigger",
    "sfdebug.debugger.breakpoints.breakpoints": "Breakpoints LogLine",
    "sfdebug.debugger.data_origins.model": (
        "DataOrigin DataPlace DataRead DataSide NextWrite OriginKind OriginStep ReadKind UnknownOrigin WriteKind"
    ),
    "sfdebug.debugger.debugger": "Debugger",
    "sfdebug.debugger.explaining.model": "StageExplanation",
    "sfdebug.debugger.expressions.language": "DebugSyntaxError",
    "sfdebug.debugger.recorded.session": "RecordedSession begin_recording open_recording",
    "sfdebug.debugger.stepping.forecasts": "ChoiceForecast Fate OutcomeForecast",
    "sfdebug.debugger.stepping.travel": "Interrupt RunningVerb",
    "sfdebug.debugger.timeline.forks": "ForkInfo",
    "sfdebug.debugger.timeline.index": "TakenEdge TakenEdges",
    "sfdebug.debugger.timeline.nodes": "Cursor TimelineNode",
    "sfdebug.debugger.verbs": "Hint Stop StopReason Verb",
    "sfdebug.debugger.view.model": "BranchLine MarkStatus StageLine StateMark Variable View",
    "sfdebug.debugger.watches": "WatchLine Watches",
    "sfdebug.debugger.wording.positions": "Pending Progress",
    "sfdebug.engine.execution.decisions": (
        "Answer BranchId Dataset Provenance Submission TaskFailure TaskResult TaskSilence"
    ),
    "sfdebug.engine.execution.events": "Event",
    "sfdebug.engine.execution.execution": "Execution",
    "sfdebug.engine.execution.settings": "ObjectItems Settings",
    "sfdebug.engine.execution.status": "ExecutionStatus",
    "sfdebug.engine.execution.visit": (
        "CatchVerdict Fault RequestKind RetryVerdict Stage StageName StageStatus TaskRequest Visit VisitStatus"
    ),
    "sfdebug.errors": (
        "DefinitionError InputError MockConfigError NestingError Problem SfdebugError UnansweredTaskError "
        "UnsupportedError UsageError"
    ),
    "sfdebug.expressions.choice": "Verdict",
    "sfdebug.expressions.jsonata.limits": "JsonataLimits",
    "sfdebug.history.alignment.recorded_tasks": "RecordedTasks",
    "sfdebug.history.coverage.model": "Coverage CoverageItem CoverageKind CoverageShare TakenItems",
    "sfdebug.history.recording": "ExecutionInfo RecordedEvent Recording RecordingError",
    "sfdebug.history.replay.event_comparison": "Difference DifferenceKind",
    "sfdebug.history.replay.replay": "Replay ReplayProgress",
    "sfdebug.history.verification.verdict": "Conclusion Verification VerificationStatus",
    "sfdebug.limits": "ExecutionType",
    "sfdebug.projects.addresses": "load",
    "sfdebug.projects.finding": "is_project",
    "sfdebug.projects.loading": "load_project",
    "sfdebug.projects.model": (
        "AssumedBasis AssumedValue CodeKind FileRole MachineTrigger ProjectError ProjectFile ProjectFormat "
        "ProjectFunction ProjectMachine ProjectParameter ProjectResource ResourceKind Substitution TaskTarget "
        "TriggerSource"
    ),
    "sfdebug.projects.project": "MachineChoiceError Project",
    "sfdebug.replayer": "History ReplayDifferenceError VerificationError coverage recordings replay verify",
    "sfdebug.simulation": "EndlessExecutionError simulate",
    "sfdebug.state_graph": "graph",
    "sfdebug.state_testing.calling": "test_state",
    "sfdebug.state_testing.request": "ErrorResponse ErrorText TestStateError",
    "sfdebug.tasks.datasets": "LocalFiles",
    "sfdebug.tasks.answerers": "Answerer AnswererKind",
    "sfdebug.tasks.functions": "FunctionTasks TaskFunction",
    "sfdebug.tasks.handler": "FirstAnswer TaskHandler",
    "sfdebug.tasks.mock_config": "MockConfig MockFileError MockedTasks",
    "sfdebug.tasks.state_machines": "NestedExecutionError StateMachines",
    "sfdebug.validation": "Diagnostic Validation validate",
    "sfdebug.values": "MISSING Json Missing Value",
}
"""The public names by the modules in which they stand."""

_NAMES: Final = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = ["__version__", *sorted(_NAMES)]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'sfdebug' has no attribute {name!r}")
    value = getattr(import_module(_NAMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)

"""What a project is made of: machines, functions and resources, what was assumed, and what it was read from.

All of it is frozen. Paths of files are as errors name them: as the user gave the project's path, with the rest behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from sfdebug.asl.definition import StateMachine
from sfdebug.asl.text.source import Pointer, Source
from sfdebug.errors import DefinitionError, Problem
from sfdebug.json_pointer import format_pointer
from sfdebug.limits import ExecutionType
from sfdebug.values import Json

DEFAULT_ACCOUNT: Final = "123456789012"
"""Stands for the account where none is given: the one of AWS's documentation."""

DEFAULT_REGION: Final = "us-east-1"

DEFAULT_FUNCTION_TIMEOUT: Final = 3
DEFAULT_FUNCTION_MEMORY: Final = 128
"""Lambda API, CreateFunction: `Timeout` in seconds, `MemorySize` in MB."""


class ProjectError(DefinitionError):
    """A project that cannot be read; `problems` lists what is wrong with it, in file order."""


class ProjectFormat(StrEnum):
    """What the definitions of a project stand in."""

    SAM = "SAM template"
    CLOUDFORMATION = "CloudFormation template"
    CDK = "CDK output"
    TERRAFORM = "Terraform"
    SERVERLESS = "Serverless Framework"
    PULUMI = "Pulumi stack"


class FileRole(StrEnum):
    """What a file of a project was read for."""

    TEMPLATE = "template"
    DEFINITION = "definition"
    CONFIGURATION = "configuration"


class ProjectFile(Struct, frozen=True, gc=False):
    """A file that was read. `is_outside` says that it does not lie in the project's folder: a path in it names it."""

    path: str
    role: FileRole
    is_outside: bool = False


class AssumedBasis(StrEnum):
    """Why a value had to be assumed."""

    ACCOUNT = "account"
    REGION = "region"
    PSEUDO_PARAMETER = "pseudo parameter"
    PARAMETER = "parameter without a value"
    GENERATED_NAME = "name that is made at deployment"
    CONDITION = "condition"
    UNKNOWN = "known at deployment only"


class AssumedValue(Struct, frozen=True, gc=False):
    """A value that stands in for one that the project does not say. `option` is how to say it, "" when nothing does."""

    name: str
    value: str
    basis: AssumedBasis
    why: str
    option: str = ""
    file: str = ""
    line: int = 0
    column: int = 0


class Substitution(Struct, frozen=True, gc=False):
    """A `${name}` of a definition: the text that stands for it, and what in the template gave it."""

    name: str
    value: str
    expression: str = ""
    is_assumed: bool = False
    is_used: bool = True


class ProjectParameter(Struct, frozen=True, gc=False):
    """A parameter of a template. `origin` says where its value is from: "given", a file, "default", or "" for none."""

    name: str
    type: str
    value: str
    origin: str
    description: str = ""
    allowed: tuple[str, ...] = ()


class ResourceKind(StrEnum):
    """What a resource is to a state machine."""

    FUNCTION = "function"
    MACHINE = "state machine"
    ACTIVITY = "activity"
    TABLE = "table"
    QUEUE = "queue"
    TOPIC = "topic"
    SUBSCRIPTION = "subscription"
    BUCKET = "bucket"
    BUS = "event bus"
    RULE = "rule"
    SCHEDULE = "schedule"
    CONNECTION = "connection"
    API = "API"
    ROLE = "role"
    JOB = "job"
    CLUSTER = "cluster"
    SECRET = "secret"
    PARAMETER = "parameter"
    STREAM = "stream"
    LAYER = "layer"
    OTHER = "resource"


class ProjectResource(Struct, frozen=True, eq=False, gc=False):
    """A resource of the project. `name` is its physical name, or the logical id where that is made at deployment.

    `url` is a queue's, "" for all else; `properties` are resolved, with unknown values as `${Placeholders}`.
    """

    kind: ResourceKind
    type: str
    logical_id: str
    name: str
    arn: str = ""
    url: str = ""
    properties: Mapping[str, Json] = field(default_factory=dict)
    construct_path: str = ""
    file: str = ""
    line: int = 0

    @property
    def shown(self) -> str:
        """What people call it: the construct path where there is one."""
        return self.construct_path or self.logical_id


class CodeKind(StrEnum):
    """Where a function's code is."""

    FOLDER = "folder"
    ARCHIVE = "archive"
    INLINE = "inline"
    IMAGE = "image"
    BUCKET = "bucket"
    NONE = "none"


class ProjectFunction(Struct, frozen=True, eq=False, gc=False):
    """A Lambda function. `folder` is the absolute path of its code, None where there is none to read.

    `source` says what its code is where that is no folder: a bucket's key, an image, a missing path.
    """

    logical_id: str
    name: str
    physical_name: str
    arn: str
    handler: str = ""
    runtime: str = ""
    folder: str | None = None
    code: CodeKind = CodeKind.NONE
    source: str = ""
    inline_code: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: int = DEFAULT_FUNCTION_TIMEOUT
    memory: int = DEFAULT_FUNCTION_MEMORY
    layers: tuple[str, ...] = ()
    architecture: str = "x86_64"
    file: str = ""
    line: int = 0


class TriggerSource(StrEnum):
    """What a trigger waits for."""

    EVENTS = "events"
    """Events of a bus that fit a pattern."""
    SCHEDULE = "schedule"
    PIPE = "pipe"
    """Records of a queue or a stream, through a pipe."""
    REQUEST = "request"
    """A request of an API."""
    OTHER = "other"


class MachineTrigger(Struct, frozen=True):
    """What starts a machine: `kind` in the template's own word ("Schedule"), `detail` what it says of when, in short.

    `arn` is that of the rule, the schedule or the pipe; `settings` are what it says, resolved and in AWS's words
    (EventBusName, EventPattern, ScheduleExpression, Source, Filters, Input, InputTemplate …). `problem` says why it
    starts nothing here, "" where it does.
    """

    kind: str
    name: str
    detail: str = ""
    source: TriggerSource = TriggerSource.OTHER
    arn: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict)
    is_enabled: bool = True
    problem: str = ""
    file: str = ""
    line: int = 0
    column: int = 0


class ProjectMachine(Struct, frozen=True, eq=False):
    """A state machine of a project, and its definition or why there is none.

    `source` is the resolved text, whose positions lead to `file`, the one that a person edits; None when there is no
    text. `problems` are the errors that keep `definition` from being there; warnings are the definition's own.
    `is_generated` says that a program wrote the text of its definition, so that nobody edits the lines of `file`.
    """

    logical_id: str
    name: str
    physical_name: str
    arn: str
    construct_path: str = ""
    type: ExecutionType = ExecutionType.STANDARD
    triggers: tuple[MachineTrigger, ...] = ()
    file: str = ""
    line: int = 0
    source: Source | None = None
    definition: StateMachine | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    substitutions: tuple[Substitution, ...] = ()
    assumed: tuple[AssumedValue, ...] = ()
    role: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    logging: str = ""
    tracing: bool = False
    is_generated: bool = False

    @property
    def states(self) -> int | None:
        """How many states it has, at every depth; None when its definition cannot be read."""
        return None if self.definition is None else sum(1 for _ in self.definition.walk())

    def place_of(self, pointer: Pointer) -> str:
        """Where a value of its definition stands: `file:line:col`, or name and JSON Pointer where it is generated.

        Args:
            pointer: The keys and indices that lead to it.
        """
        if self.definition is None or self.is_generated:
            return f"{self.name}#{format_pointer(pointer)}"
        document = self.definition.document
        span = document.key_span(pointer)
        return f"{document.source.name}:{span.line}:{span.column}"

    def checked(self) -> StateMachine:
        """Its definition. Raises ProjectError with what is wrong when there is none."""
        if self.definition is None:
            raise ProjectError(self.problems)
        return self.definition


class TaskTarget(Struct, frozen=True, eq=False):
    """What a Task leads to in the project. One of `function`, `machine` and `resource` is there."""

    kind: ResourceKind
    name: str
    function: ProjectFunction | None = None
    machine: ProjectMachine | None = None
    resource: ProjectResource | None = None

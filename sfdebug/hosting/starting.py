"""Starting executions: of a machine, a version or an alias, with a test case perhaps; for clients and for Tasks.

Source: AWS API, StartExecution, StartSyncExecution.
"""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Protocol

from msgspec.structs import replace

from sfdebug.engine import start
from sfdebug.engine.execution.children import root_identity
from sfdebug.errors import MockConfigError
from sfdebug.hosting.hosted import HostedExecution, HostedKeeper
from sfdebug.hosting.records import StartFacts
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.limits import ExecutionType
from sfdebug.tasks.start_calls import StartCallKind

if TYPE_CHECKING:
    from sfdebug.engine import Program, Settings
    from sfdebug.hosting.executions import ExecutionMemory
    from sfdebug.hosting.machines import MachineRegistry, StartTarget
    from sfdebug.hosting.shared import HostingShared
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tasks.mock_config import MockConfig
    from sfdebug.tasks.start_calls import StartCall
    from sfdebug.values import Json

CASE_MARK: Final = "#"
"""Between the ARN of a machine and the test case that an execution of it is started with."""


class StartKeeper(HostedKeeper, Protocol):
    """Who has the executions, and is told of those that begin."""

    def began(self, hosted: HostedExecution) -> None:
        """An execution is there, and is stepped from now on."""


class ExecutionStarter:
    """Makes executions, and has them go."""

    def __init__(
        self,
        shared: HostingShared,
        keeper: StartKeeper,
        machines: MachineRegistry,
        memory: ExecutionMemory,
        settings: Settings,
        mocks: MockConfig | None,
    ) -> None:
        """`settings` are what executions run under, but for their names, types, roles and starts; `mocks` has the test
        cases."""
        self._shared = shared
        self._keeper = keeper
        self._machines = machines
        self._memory = memory
        self._settings = settings
        self._mocks = mocks

    def start(
        self, machine_arn: str, text: str, name: str | None, trace_header: str | None, *, is_sync: bool
    ) -> HostedExecution:
        """Start what a client asks for.

        Raises HostRefusalError (MACHINE_UNKNOWN, MACHINE_DELETING, EXECUTION_EXISTS, CASE_UNKNOWN, INPUT_INVALID,
        TYPE_NOT_SUPPORTED, CLOSED, NOT_KEPT).
        """
        started_of = self._target(machine_arn, is_sync=is_sync)
        try:
            value: Json = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise HostRefusalError(RefusalReason.INPUT_INVALID, "", str(error)) from None
        now = int(self._shared.clock.now())
        return self._begun(started_of, name, value, text, trace_header=trace_header, at=now, is_sync=is_sync)

    def start_inside(self, call: StartCall, started_by: str, depth: int, at: int) -> HostedExecution:
        """Start what an attempt starts, at that moment of its own time; `depth` executions wait for it. Raises as
        `start`."""
        before = self._memory.started_by(started_by)
        if before is not None:
            return before
        started_of = self._target(call.machine_arn, is_sync=call.kind is StartCallKind.SDK_SYNC)
        inside = depth, started_by
        return self._begun(started_of, call.name, call.input, call.input_text, at=at, inside=inside)

    def resumed(self, facts: StartFacts, program: Program, value: Json, settings: Settings) -> HostedExecution:
        """An execution that was kept, as it began; its test case is not there where no mock file has it any more."""
        mocks = None
        if facts.test_case:
            with suppress(HostRefusalError):
                mocks = self._case(facts.machine.name, facts.test_case)
        return HostedExecution(self._shared, self._keeper, facts, start(program, value, settings), mocks)

    def has_case(self, facts: StartFacts) -> bool:
        """Whether the test case is there that an execution was started with."""
        with suppress(HostRefusalError):
            self._case(facts.machine.name, facts.test_case)
            return True
        return False

    def _target(self, machine_arn: str, *, is_sync: bool) -> tuple[StartTarget, str, TaskHandler | None]:
        """What is started, and the test case that answers its Tasks first: its name, and itself."""
        arn, mark, case = machine_arn.partition(CASE_MARK)
        target = self._machines.target(arn)
        if is_sync and target.record.type != ExecutionType.EXPRESS:
            raise HostRefusalError(RefusalReason.TYPE_NOT_SUPPORTED, arn)
        return target, case, self._case(target.record.name, case) if mark else None

    def _case(self, machine: str, case: str) -> TaskHandler:
        """What a test case answers, which has a name. Raises HostRefusalError (CASE_UNKNOWN)."""
        if not case:
            raise HostRefusalError(RefusalReason.CASE_UNKNOWN, case, "there is no name of a test case behind the #")
        if self._mocks is None:
            raise HostRefusalError(
                RefusalReason.CASE_UNKNOWN, case, f"there is no test case '{case}': no mock file is given"
            )
        try:
            # A machine of another name than the file has, such as one in a file of its own: the case alone says which.
            return self._mocks.handler(machine if machine in self._mocks.state_machines else None, case)
        except MockConfigError as error:
            said = f"{error.where}: {error.what}. {error.fix}".strip()
            raise HostRefusalError(RefusalReason.CASE_UNKNOWN, case, said) from None

    def _begun(
        self,
        started_of: tuple[StartTarget, str, TaskHandler | None],
        given: str | None,
        value: Json,
        text: str,
        *,
        at: int,
        trace_header: str | None = None,
        inside: tuple[int, str] = (0, ""),
        is_sync: bool = False,
    ) -> HostedExecution:
        """An execution that is under way; the one that is, where the same is started once more. `inside`: how many wait
        for it, and the attempt that starts it."""
        target, case, mocks = started_of
        machine, name = target.record, given or str(uuid.uuid4())
        settings = replace(
            self._settings,
            execution_type=machine.type,
            name=name,
            state_machine_name=machine.name,
            start_time=at,
            role_arn=machine.role_arn,
            express_id=str(uuid.uuid4()) if machine.type == ExecutionType.EXPRESS else "",
        )
        arn = root_identity(settings, value).arn
        seed = int.from_bytes(sha256(f"{arn}/{at}/{self._settings.seed}".encode("utf-8", "surrogatepass")).digest()[:6])
        settings = replace(settings, seed=seed)
        depth, started_by = inside
        facts = StartFacts(arn, name, machine, text, target.alias_arn, trace_header, depth, case, started_by, is_sync)
        new = HostedExecution(self._shared, self._keeper, facts, start(target.program, value, settings), mocks)
        is_named = given is not None and machine.type != ExecutionType.EXPRESS
        hosted = self._memory.add(new, is_named=is_named)
        if hosted is new:
            self._keeper.began(new)
            new.go_on()
        return hosted


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")

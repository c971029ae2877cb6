"""The API without a wire: from the target and the body of a call to the status and the body of the answer.

What nobody expected is an InternalFailure with its words, and is kept for the user: a client tries such a call again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sfdebug.hosting.refusals import HostRefusalError
from sfdebug.server.call import ApiCall
from sfdebug.server.errors import ApiRefusalError, ErrorType
from sfdebug.server.event_bridge import EVENTS_TARGET, EventBridgeApi
from sfdebug.server.operations.table import OPERATIONS
from sfdebug.server.refusals import in_aws_words
from sfdebug.server.requests import read_request

if TYPE_CHECKING:
    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.tasks.handler import TaskHandler

TARGET: Final = "AWSStepFunctions"
"""What stands in X-Amz-Target before the operation. Source: botocore's model, targetPrefix."""

TARGETS: Final = (f"{TARGET}.", f"{EVENTS_TARGET}.")
"""What calls begin with that are answered here."""

_VARIABLE: Final = (
    "sfdebug serves Step Functions, and of other services EventBridge's PutEvents: set AWS_ENDPOINT_URL_SFN alone, and "
    "not AWS_ENDPOINT_URL, which leads the calls of every service here."
)


class ApiAnswer(Struct, frozen=True):
    """What goes back over the wire: the status of HTTP, and the body as JSON."""

    status: int
    body: bytes


class StepFunctionsApi:
    """Answers calls for a host."""

    def __init__(
        self,
        host: ExecutionHost,
        tasks: TaskHandler | None = None,
        on_fault: Callable[[Exception], None] | None = None,
        events: EventBridgeApi | None = None,
    ) -> None:
        """`tasks` answers Tasks that TestState tests; `on_fault` is told of what nobody expected; `events` answers what
        is called of EventBridge."""
        self.host = host
        self._events = events or EventBridgeApi()
        self._tasks = tasks
        self._on_fault = on_fault or (lambda error: None)

    def answer(self, target: str, body: bytes, is_abandoned: Callable[[], bool] = lambda: False) -> ApiAnswer:
        """The answer to a call.

        Args:
            target: The header X-Amz-Target: `AWSStepFunctions.StartExecution`, `AWSEvents.PutEvents`.
            body: The request, as JSON.
            is_abandoned: Says of a call that waits whether nobody waits for its answer any more.

        Returns:
            The answer, which is an error's for what AWS refuses.
        """
        try:
            self.host.keeping.check()
            answer = self._answer(target, body, is_abandoned)
            self.host.keeping.commit()  # what is answered is kept, whatever becomes of this process
        except HostRefusalError as refusal:
            return answer_of(in_aws_words(refusal))
        return answer

    def _answer(self, target: str, body: bytes, is_abandoned: Callable[[], bool]) -> ApiAnswer:
        try:
            service, _, name = target.partition(".")
            if service == EVENTS_TARGET:
                return ApiAnswer(200, _body(self._events.answer(name, body)))
            if service != TARGET:
                raise refused_service(target)
            operation = OPERATIONS.get(name)
            if operation is None:
                message = f"Step Functions has no operation {name[:100]!r}"
                raise ApiRefusalError(ErrorType.UNKNOWN_OPERATION, message)
            call = ApiCall(self.host, read_request(name, body), is_abandoned, self._tasks)
            return ApiAnswer(200, _body(operation(call)))
        except ApiRefusalError as refusal:
            return answer_of(refusal)
        except HostRefusalError as refusal:
            return answer_of(in_aws_words(refusal))
        except Exception as error:  # the last resort: the server goes on
            self._on_fault(error)
            what = f"sfdebug itself failed: {type(error).__name__}: {error}"
            return answer_of(ApiRefusalError(ErrorType.INTERNAL_FAILURE, what, 500))


def answer_of(refusal: ApiRefusalError) -> ApiAnswer:
    """An error as an answer."""
    return ApiAnswer(refusal.status, _body(refusal.as_dict()))


def refused_service(called: str) -> ApiRefusalError:
    """The error for a call of another service: which variable is wrong."""
    what = f"{called[:100]!r} is a call of another service. " if called else "This is a call of another service. "
    return ApiRefusalError(ErrorType.NO_LOCAL_SERVICE, f"{what}{_VARIABLE}")


def _body(members: Any) -> bytes:
    # A lone surrogate, which a payload may hold, is written as an escape.
    return json.dumps(members, separators=(",", ":")).encode("ascii")

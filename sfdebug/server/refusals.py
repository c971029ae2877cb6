"""What a host refuses, in AWS's words.

Recorded unless a comment says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.hosting.refusals import RefusalReason
from sfdebug.server.errors import ApiRefusalError, ErrorType, invalid_input, invalid_token, resource_not_found

if TYPE_CHECKING:
    from sfdebug.hosting.refusals import HostRefusalError

_WORDS: Final = {
    RefusalReason.MACHINE_UNKNOWN: (ErrorType.STATE_MACHINE_DOES_NOT_EXIST, "State Machine Does Not Exist: '{0}'"),
    RefusalReason.MACHINE_EXISTS: (ErrorType.STATE_MACHINE_ALREADY_EXISTS, "State Machine Already Exists: '{0}'"),
    # Not recorded: the words are made like those of the others.
    RefusalReason.MACHINE_DELETING: (ErrorType.STATE_MACHINE_DELETING, "State Machine is being deleted: '{0}'"),
    RefusalReason.EXECUTION_UNKNOWN: (ErrorType.EXECUTION_DOES_NOT_EXIST, "Execution Does Not Exist: '{0}'"),
    RefusalReason.EXECUTION_EXISTS: (ErrorType.EXECUTION_ALREADY_EXISTS, "Execution Already Exists: '{0}'"),
    RefusalReason.ACTIVITY_UNKNOWN: (ErrorType.ACTIVITY_DOES_NOT_EXIST, "Activity Does Not Exist: '{0}'"),
    # Not recorded: AWS API, "Activity already exists. EncryptionConfiguration may not be updated."
    RefusalReason.ACTIVITY_EXISTS: (ErrorType.ACTIVITY_ALREADY_EXISTS, "Activity Already Exists: '{0}'"),
    RefusalReason.TYPE_NOT_SUPPORTED: (
        ErrorType.STATE_MACHINE_TYPE_NOT_SUPPORTED,
        "This operation is not supported by this type of state machine",
    ),
    RefusalReason.ALIAS_UNKNOWN: (
        ErrorType.RESOURCE_NOT_FOUND,
        "Request references a resource that does not exist.",
    ),
    # Not recorded of a version that an alias would lead to.
    RefusalReason.ROUTE_UNKNOWN: (ErrorType.RESOURCE_NOT_FOUND, "Request references a resource that does not exist."),
    RefusalReason.ALIAS_EXISTS: (
        ErrorType.CONFLICT,
        "Failed to create alias because an alias with the same name and a different routing configuration already "
        "exists.",
    ),
    # Not recorded: AWS API, TooManyTags.
    RefusalReason.TOO_MANY_TAGS: (ErrorType.TOO_MANY_TAGS, "Too many tags: '{0}' can have 50 at most"),
    RefusalReason.TOKEN_TIMED_OUT: (
        ErrorType.TASK_TIMED_OUT,
        "Task Timed Out: 'Provided task does not exist anymore'",
    ),
    # AWS API, TaskTimedOut: "… or the task associated with the token has already been closed".
    RefusalReason.TASK_GONE: (ErrorType.TASK_TIMED_OUT, "Task Timed Out: 'Provided task does not exist anymore'"),
    RefusalReason.OUTPUT_INVALID: (ErrorType.INVALID_OUTPUT, "Invalid output: 'Invalid output'"),
    RefusalReason.NOT_REDRIVABLE: (ErrorType.EXECUTION_NOT_REDRIVABLE, "{1}"),
    # AWS stops it.
    RefusalReason.CHILD_STOPS_WITH_PARENT: (
        ErrorType.VALIDATION,
        "sfdebug stops the child executions of a Map Run with the execution that started them, not one by one: {1}",
    ),
    # Test cases are Step Functions Local's; AWS has none.
    RefusalReason.CASE_UNKNOWN: (ErrorType.VALIDATION, "{1}"),
    RefusalReason.ROUTES_INVALID: (ErrorType.VALIDATION, "{1}"),
}


def in_aws_words(refusal: HostRefusalError) -> ApiRefusalError:
    """The error that AWS answers with."""
    reason = refusal.reason
    if reason is RefusalReason.TOKEN_INVALID:
        return invalid_token()
    if reason is RefusalReason.INPUT_INVALID:
        return invalid_input(refusal.details or "Invalid execution input.")
    if reason in (RefusalReason.RESOURCE_UNKNOWN, RefusalReason.MAP_RUN_UNKNOWN):
        return resource_not_found(refusal.subject)
    if reason is RefusalReason.NOT_KEPT:
        what = f"sfdebug cannot keep anything in {refusal.subject} ({refusal.details}): nothing that was told before is"
        why = " lost, executions that run wait, and calls are answered again when there is room"
        return ApiRefusalError(ErrorType.SERVICE_UNAVAILABLE, what + why, 503)
    if reason is RefusalReason.UNREADABLE:
        return ApiRefusalError(ErrorType.INTERNAL_FAILURE, f"{refusal.subject}: {refusal.details}", 500)
    if reason is RefusalReason.CLOSED:
        return ApiRefusalError(ErrorType.SERVICE_UNAVAILABLE, "sfdebug serve is ending", 503)
    known = _WORDS.get(reason)
    if known is None:
        return ApiRefusalError(ErrorType.VALIDATION, str(refusal))
    return ApiRefusalError(known[0], known[1].format(refusal.subject, refusal.details or reason.value))

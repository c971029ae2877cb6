"""What a host refuses, as facts: a reason, and what it is about. Who speaks for it has the words."""

from __future__ import annotations

from enum import StrEnum

from sfdebug.errors import SfdebugError


class RefusalReason(StrEnum):
    """Why something is refused; the words are for people who debug, and none of AWS's."""

    MACHINE_UNKNOWN = "there is no such state machine"
    MACHINE_EXISTS = "there is another state machine of that name"
    MACHINE_DELETING = "the state machine is being deleted"
    REVISION_CONFLICT = "the state machine has another revision by now"
    VERSION_IN_USE = "an alias routes to the version"
    ALIAS_UNKNOWN = "there is no such alias"
    ALIAS_EXISTS = "there is another alias of that name"
    ROUTES_INVALID = "the routes are one or two, of versions of one state machine, with weights of 100 in all"
    ROUTE_UNKNOWN = "there is no such version to route to"
    RESOURCE_UNKNOWN = "there is no such resource"
    TOO_MANY_TAGS = "a resource has 50 tags at most"
    EXECUTION_UNKNOWN = "there is no such execution"
    EXECUTION_EXISTS = "there is another execution of that name"
    INPUT_INVALID = "the input is no JSON"
    CASE_UNKNOWN = "there is no such test case"
    TYPE_NOT_SUPPORTED = "the state machine is of the other type"
    NOT_REDRIVABLE = "the execution cannot be redriven"
    CHILD_STOPS_WITH_PARENT = "one child execution of a Map Run is not stopped by itself"
    NOT_HELD = "the execution is not held"
    LINE_UNKNOWN = "that is no line of this execution, or it parts where nothing is remembered any more"
    MAP_RUN_UNKNOWN = "there is no such Map Run"
    ACTIVITY_UNKNOWN = "there is no such activity"
    ACTIVITY_EXISTS = "there is an activity of that name that is encrypted otherwise"
    TOKEN_INVALID = "no Task has that token"
    TOKEN_TIMED_OUT = "the attempt with that token is over"
    TASK_GONE = "the execution with that token is over"
    OUTPUT_INVALID = "the output is no JSON"
    CLOSED = "the host has been shut down"
    NOT_KEPT = "nothing can be kept at the moment"
    UNREADABLE = "what was kept of the execution cannot be read"


class HostRefusalError(SfdebugError):
    """A host does not do what it was asked.

    Attributes:
        reason: Why.
        subject: The ARN, the name or the token that it is about.
        details: More of the facts, in words; "" mostly.
    """

    def __init__(self, reason: RefusalReason, subject: str = "", details: str = "") -> None:
        super().__init__(f"{reason.value}: {details}" if details else reason.value, where=subject)
        self.reason = reason
        self.subject = subject
        self.details = details

"""All that Tasks really call, as one: handlers of functions, services, APIs, what takes the answers to task tokens."""

from __future__ import annotations

import threading
from collections import Counter
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateMachine
from sfdebug.aws.service_calls import ServiceCallError, ServiceClients, ServiceEndpoint
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.tasks.apis.calls import ApiTasks
from sfdebug.tasks.apis.url_map import UrlMap
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.lambdas.calls import LambdaTasks
from sfdebug.tasks.outside import call_of
from sfdebug.tasks.services.calls import NOT_HELD, ServiceTasks, called_service
from sfdebug.tasks.services.contents import contents_of
from sfdebug.tasks.services.creating import CreatedResource, create_resources
from sfdebug.tasks.services.local import LocalServices, LocalServicesError
from sfdebug.tasks.services.mentioned import create_mentioned, place_of
from sfdebug.tasks.services.moto_gaps import call_moto
from sfdebug.tasks.services.seeding import seed
from sfdebug.tasks.under_way import AwaitedCall
from sfdebug.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sfdebug.aws.service_calls import ServiceAnswer
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.projects.project import Project
    from sfdebug.tasks.lambdas.endpoint import LambdaEndpoint
    from sfdebug.tasks.lambdas.function import LambdaFunction
    from sfdebug.tasks.outside import CallingHandler
    from sfdebug.values import Json

LONGEST_LOOK: Final = 5.0
"""Seconds that are given to reading what services hold before a call."""


class ServicesAt(Enum):
    """Where services are called that are not at an address."""

    LOCAL = "local"
    """moto's server, in a process of its own."""
    AWS = "aws"
    """The user's account."""


class Surroundings:
    """A task handler for functions, services and HTTP APIs. What a function stores at the endpoint, a Task finds."""

    def __init__(
        self,
        machine: StateMachine | Sequence[StateMachine],
        project: Project | None,
        functions: Sequence[LambdaFunction] = (),
        lambdas: LambdaEndpoint | None = None,
        services: ServicesAt | str | None = None,
        seeds: Path | None = None,
        profile: str | None = None,
        urls: UrlMap | None = None,
        callback_port: int = 0,
    ) -> None:
        """Start nothing: that is done when the first Task calls, or by `begin`.

        `machine` is the one whose Tasks are done, or all that there are; `services` is an address where it is a text,
        None for no services; `urls` says which APIs are called, and where.
        `callback_port` takes the answers to task tokens, 0 for any. Raises LocalServicesError without moto.
        """
        self._machines = (machine,) if isinstance(machine, StateMachine) else tuple(machine)
        self._project = project
        self._seeds = seeds
        self._profile = profile
        self._lock = threading.Lock()
        region, account = (project.region, project.account) if project is not None else place_of(*self._machines)
        self.region = region
        self.callbacks = Callbacks(callback_port)
        self.local = LocalServices(region, account) if services is ServicesAt.LOCAL else None
        self.url = services if isinstance(services, str) else None
        self.has_services = services is not None
        self._clients: ServiceClients | None = None
        self.notes: tuple[str, ...] = ()
        """What was made at the beginning, in words."""
        self._untold: tuple[str, ...] = ()
        self.on_begin: Callable[[tuple[str, ...]], None] | None = None
        self.is_beginning = False
        """Whether what the first call needs is being started, before it is made."""
        self.is_watched = False
        """Whether what services hold is read before each call, so that it can be told what a call changed."""
        self._held: dict[str, Json] | None = None
        self.resets = 0
        environment = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
        self.functions = LambdaTasks(functions, lambdas, environment, callbacks=self.callbacks)
        self.services = self._service_tasks(services)
        self.apis = ApiTasks(urls or UrlMap(), self.callbacks, region)

    def _service_tasks(self, services: ServicesAt | str | None) -> ServiceTasks | None:
        if services is None:
            return None
        is_aws = services is ServicesAt.AWS
        place = f"in AWS, {self.region}" if is_aws else f"at {self.url}" if self.url else "on this machine"
        tasks = ServiceTasks(
            self,
            self.callbacks,
            place,
            asks_first=is_aws,
            follows_arns=not is_aws,
            without=NOT_HELD if self.local is not None else (),
        )
        if is_aws:
            tasks.account_of = cache(self._account)
        return tasks

    def _account(self) -> str:
        """Whose account it is: asked once, with a call that needs no permission. Raises ServiceCallError."""
        try:
            found = self.clients.client("sts").get_caller_identity()
        except Exception as error:  # boto3's errors have no base class of their own
            raise ServiceCallError(f"AWS does not say whose credentials these are: {error}") from error
        return f", account {found.get('Account')}, as {found.get('Arn')}"

    def begin(self) -> None:
        """Start local services, and make what they need. Raises LocalServicesError, and UsageError for seeds."""
        with self._lock:
            if self._clients is not None or not self.has_services:
                return
            if self.local is not None:
                self.local.start()
                self.url = self.local.url
            if self.url is not None:
                self.functions.environment["AWS_ENDPOINT_URL"] = self.url
                self.functions.renew()
            self._clients = ServiceClients(ServiceEndpoint(self.url, self.region, self._profile))
            self.notes = self._untold = self._furnish(self._clients)
        if self.on_begin is not None:
            self.on_begin(self.notes)

    def take_notes(self) -> tuple[str, ...]:
        """What was made since this was asked, in words."""
        notes, self._untold = self._untold, ()
        return notes

    @property
    def clients(self) -> ServiceClients:
        """The clients of the services, which are begun. Raises what `begin` raises."""
        self.begin()
        assert self._clients is not None
        return self._clients

    def call(
        self, service: str, call: str, arguments: Mapping[str, Json], *, is_sdk: bool, region: str | None = None
    ) -> ServiceAnswer:
        """Make a call of a service; see `ServiceClients`. Raises LocalServicesError when they have ended."""
        self._check_running()
        if self.local is not None:
            return call_moto(self.clients, service, call, arguments, is_sdk=is_sdk)
        return self.clients.call(service, call, arguments, is_sdk=is_sdk, region=region)

    def _check_running(self) -> None:
        if self._clients is not None and self.local is not None and not self.local.is_running:
            raise LocalServicesError(
                f"the local services have gone: moto's server {self.local.end_text}",
                fix="What they held is lost. Reset them, or restart sfdebug, to have them anew.",
            )

    @property
    def has_local_data(self) -> bool:
        """Whether services on this machine run, which hold something that ends with them."""
        return self.local is not None and self.local.is_running

    @property
    def can_be_reset(self) -> bool:
        """Whether what services hold can be as at the beginning again: on this machine."""
        return self.local is not None

    @property
    def handlers(self) -> tuple[CallingHandler, ...]:
        """What answers, in this order."""
        handlers: tuple[CallingHandler, ...] = (self.functions, self.apis)
        return (*handlers, self.services) if self.services is not None else handlers

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """The function, the API or the service that a Task calls; None for what calls none of them."""
        function = self.functions.answerer(request) or self.apis.answerer(request)
        if function is not None and not function.why_not:
            return function
        if self.services is not None:
            return self.services.answerer(request) or function
        name = called_service(request)
        if function is None and name:
            return Answerer(AnswererKind.SERVICE, name, why_not="no services are called")
        return function

    def answer(self, request: TaskRequest) -> Answer | None:
        """What the function or the service gives that a Task calls; None where nobody here is called, and while a task
        token is not answered: who is called for it is the one that was, and nobody else."""
        if self.functions.knows(request) or (self.services is not None and self.services.knows(request)):
            self._begin_before_call()
            if self.is_watched and self.has_services and call_of(self, request) is None:
                self._look()
        for handler in self.handlers:
            answer = handler.answer(request)
            if answer is not None or handler.knows(request):
                return answer
        return None

    def _begin_before_call(self) -> None:
        """Begin for the first call. Raises CallCancelledError where somebody cancels that meanwhile: it is not made."""
        if self._clients is not None or self.services is None:
            return
        with self.services.under_way.during(AwaitedCall()) as waiting:
            self.is_beginning = True
            try:
                self.begin()
            finally:
                self.is_beginning = False
            waiting.check("nothing was called: that was cancelled while local services were started")

    def _look(self) -> None:
        """Read what services hold before a call; where that takes too long, not again before somebody asks for it."""
        assert self.services is not None
        cancelled = "reading what services hold was cancelled; nothing was called"
        try:
            with self.services.under_way.during(AwaitedCall()) as waiting:
                self._held = waiting.given(self._read, cancelled, LONGEST_LOOK)
        except TimeoutError:
            self._held, self.is_watched = None, False

    def _read(self) -> dict[str, Json]:
        """What services hold now. Raises LocalServicesError when they have ended."""
        self._check_running()
        clients = self.clients
        return contents_of(clients, self.local.messages if self.local is not None else None)

    def contents(self) -> tuple[dict[str, Json] | None, dict[str, Json]]:
        """What services held before the last call, None where none was made since somebody looked, and what they hold
        now.

        Raises what `begin` raises, LocalServicesError when they have ended, and ServiceCallError.
        """
        self._check_running()
        self.is_watched = True
        return self._held, self._read()

    def _furnish(self, clients: ServiceClients) -> tuple[str, ...]:
        """Make what the project declares, and put in the seeds: in local services alone."""
        if self.local is None:
            return ()
        if self._project is not None:
            made = create_resources(self._project, clients)
        else:
            made = tuple(one for machine in self._machines for one in create_mentioned(machine, clients))
        told = _words(made)
        if self._seeds is not None:
            told.append(f"put {', '.join(seed(self._seeds, clients)) or 'nothing'}")
        return tuple(told)

    def reset(self) -> None:
        """Have local services be as at the beginning, and forget all calls: the next ones are made anew."""
        if self.local is None or self._clients is None:
            return
        if self.local.is_running:
            self.local.reset()
            self.notes = self._untold = self._furnish(self._clients)
        else:
            self.local.close()
            self._clients = None
            self.begin()
        if self.services is not None:
            self.services.forget_all()
        self.functions.forget_all()
        self.apis.forget_all()
        self._held = None
        self.resets += 1

    def close(self) -> None:
        """End all that was started. What was called stays known; the next call starts anew what it needs."""
        if self.local is not None:
            self.local.close()  # first: who is furnishing it on another thread gives up
        if self.services is not None:
            self.services.cancel()
        with self._lock:
            if self.local is not None:
                self.local.close()
            self._clients, self._held = None, None
        self.functions.close()
        self.callbacks.close()


def _words(made: Sequence[CreatedResource]) -> list[str]:
    counts = Counter(one.kind.value for one in made if not one.why)
    told = [f"made {', '.join(counted(count, kind) for kind, count in counts.items())}"] if counts else []
    return told + [f"could not make the {one.kind.value} {one.name}: {one.why}" for one in made if one.why]

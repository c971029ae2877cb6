"""Activities: what Tasks wait for that workers take, one after the other, and the polls of these workers.

Source: AWS API, CreateActivity, GetActivityTask; AWS docs, "Learn about activities in Step Functions".
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Protocol

from sfdebug.hosting.changes import ActivityCreated, ActivityDeleted
from sfdebug.hosting.records import ActivityRecord, ActivityTask
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.hosting.changes import TellChange
    from sfdebug.hosting.clock import WallClock
    from sfdebug.hosting.tags import TagBook
    from sfdebug.values import Json


class ActivityWaiter(Protocol):
    """The attempt that waits for a worker to take it."""

    def take_worker(self, worker_name: str | None) -> bool:
        """Whether it still waits: a worker has it now."""


class _Queued:
    """A task that no worker has yet."""

    def __init__(self, task: ActivityTask, waiter: ActivityWaiter) -> None:
        self.task = task
        self.waiter = waiter


class _Queue:
    """The tasks of one activity by their tokens, the oldest first, and the polls that wait for some."""

    def __init__(self, record: ActivityRecord) -> None:
        self.record = record
        self.tasks: dict[str, _Queued] = {}
        self.polls: deque[ActivityPoll] = deque()


class ActivityRegistry:
    """The activities of a host."""

    def __init__(self, clock: WallClock, place: str, tags: TagBook, tell: TellChange) -> None:
        """`place` is the ARN up to the kind of resource."""
        self._clock = clock
        self._place = place
        self._tags = tags
        self._tell = tell
        self._lock = threading.Lock()
        self._queues: dict[str, _Queue] = {}
        self._is_closed = False

    def close(self) -> None:
        """End all polls, and those that are still to come."""
        with self._lock:
            self._is_closed = True
            polls = [poll for queue in self._queues.values() for poll in queue.polls]
        for poll in polls:
            poll.close()

    def create(self, name: str, tags: Mapping[str, str] | None = None, encryption: Json = None) -> ActivityRecord:
        """Make an activity; the same name once more gives what is there, whatever its tags. Raises HostRefusalError
        (TOO_MANY_TAGS, ACTIVITY_EXISTS)."""
        arn = f"{self._place}:activity:{name}"
        with self._lock:
            queue = self._queues.get(arn)
            if queue is None:
                self._tags.begin(arn, tags or {})
                queue = self._queues[arn] = _Queue(ActivityRecord(arn, name, int(self._clock.now()), encryption))
                self._tell(ActivityCreated(queue.record))
            elif queue.record.encryption != encryption:
                raise HostRefusalError(RefusalReason.ACTIVITY_EXISTS, arn)
            return queue.record

    def take_up(self, record: ActivityRecord) -> None:
        """There is an activity that was kept. Nobody is told."""
        self._queues[record.arn] = _Queue(record)

    def delete(self, arn: str) -> None:
        """Take an activity away. What waits for its workers waits on, until its time is over."""
        with self._lock:
            if self._queues.pop(arn, None) is not None:
                self._tags.end(arn)
                self._tell(ActivityDeleted(arn))

    def get(self, arn: str) -> ActivityRecord:
        """An activity. Raises HostRefusalError (ACTIVITY_UNKNOWN)."""
        with self._lock:
            return self._known(arn).record

    def list(self) -> tuple[ActivityRecord, ...]:
        """All of them, in the order in which they were made."""
        with self._lock:
            return tuple(queue.record for queue in self._queues.values())

    def knows(self, arn: str) -> bool:
        """Whether there is such an activity."""
        return arn in self._queues

    # tasks

    def schedule(self, arn: str, task: ActivityTask, waiter: ActivityWaiter) -> bool:
        """Have a task be taken by the next worker; whether there is such an activity."""
        with self._lock:
            queue = self._queues.get(arn)
            if queue is None:
                return False
            self._offer(queue, _Queued(task, waiter), is_first=False)
            return True

    def drop(self, arn: str, token: str) -> None:
        """Nobody waits any more for what a worker would do."""
        with self._lock:
            queue = self._queues.get(arn)
            if queue is not None:
                queue.tasks.pop(token, None)

    def _offer(self, queue: _Queue, queued: _Queued, *, is_first: bool) -> None:
        while queue.polls:
            if queue.polls.popleft()._give(queued):
                return
        queue.tasks = {queued.task.token: queued, **queue.tasks} if is_first else queue.tasks
        queue.tasks[queued.task.token] = queued

    # workers

    def poll(self, arn: str, worker_name: str | None = None) -> ActivityPoll:
        """A worker asks for a task. Raises HostRefusalError (ACTIVITY_UNKNOWN)."""
        with self._lock:
            queue = self._known(arn)
            poll = ActivityPoll(self, arn, worker_name)
            if not self._is_closed:
                self._queue_up(queue, poll)
                return poll
        poll.close()
        return poll

    def _queue_up(self, queue: _Queue, poll: ActivityPoll) -> None:
        """Give a poll the first task, or have it wait for one."""
        if queue.tasks:
            token, queued = next(iter(queue.tasks.items()))
            if poll._give(queued):  # else it is over meanwhile, and the task is the next one's
                del queue.tasks[token]
        else:
            queue.polls.append(poll)

    def _again(self, poll: ActivityPoll) -> None:
        """What a poll was given is over: it waits for another one."""
        with self._lock:
            queue = self._queues.get(poll.arn)
            if queue is not None and not self._is_closed:
                self._queue_up(queue, poll)
            is_closed = self._is_closed
        if is_closed:
            poll.close()

    def _give_back(self, poll: ActivityPoll, queued: _Queued | None) -> None:
        """A poll is over; what it was given and has not taken goes to the next one."""
        with self._lock:
            queue = self._queues.get(poll.arn)
            if queue is None:
                return
            if poll in queue.polls:
                queue.polls.remove(poll)
            if queued is not None:
                self._offer(queue, queued, is_first=True)

    def _known(self, arn: str) -> _Queue:
        queue = self._queues.get(arn)
        if queue is None:
            raise HostRefusalError(RefusalReason.ACTIVITY_UNKNOWN, arn)
        return queue


class ActivityPoll:
    """One worker that asks: it gets one task at most."""

    def __init__(self, registry: ActivityRegistry, arn: str, worker_name: str | None) -> None:
        self.arn = arn
        self._registry = registry
        self._worker_name = worker_name
        self._lock = threading.Lock()
        self._came = threading.Event()
        self._queued: _Queued | None = None
        self._is_closed = False

    def wait(self, seconds: float) -> ActivityTask | None:
        """The task, which is the worker's from now on; None where none has come in that time, or after `close`."""
        while self._came.wait(seconds):
            with self._lock:
                queued, self._queued = self._queued, None
                if self._is_closed or queued is None:
                    return None
                self._came.clear()
            if queued.waiter.take_worker(self._worker_name):
                self.close()
                return queued.task
            self._registry._again(self)
        return None

    def close(self) -> None:
        """Wait no longer; from any thread."""
        with self._lock:
            queued, self._queued = self._queued, None
            was_closed, self._is_closed = self._is_closed, True
        self._came.set()
        if not was_closed:
            self._registry._give_back(self, queued)

    def _give(self, queued: _Queued) -> bool:
        """Whether the poll has the task now; not one that is over, or has one."""
        with self._lock:
            if self._is_closed or self._queued is not None:
                return False
            self._queued = queued
            self._came.set()
            return True

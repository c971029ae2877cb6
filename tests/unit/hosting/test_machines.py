"""State machines of a host: idempotent creation, revisions, versions, aliases with routes, deletion, tags."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from sfdebug.errors import DefinitionError
from sfdebug.hosting.records import AliasRoute, MachineSettings
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from tests.hosted_runs import ROLE, HandHost, waiting

PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
OTHER = json.dumps({"StartAt": "B", "States": {"B": {"Type": "Pass", "Result": 2, "End": True}}})


def refusal(call: Any, *args: Any, **more: Any) -> RefusalReason:
    with pytest.raises(HostRefusalError) as caught:
        call(*args, **more)
    return caught.value.reason


def test_creating_the_same_once_more_gives_what_is_there() -> None:
    host = HandHost()
    first, version = host.machines.create(MachineSettings("M", PASS, ROLE), tags={"a": "1"})
    assert version is None
    assert first.revision_id is None
    host.hand_clock.wall += 1000
    again, _ = host.machines.create(MachineSettings("M", PASS, "arn:aws:iam::123456789012:role/other"), tags={"a": "2"})
    assert again == first, "a role and tags that differ are no matter"
    assert host.tags.of(first.arn) == {"a": "1"}
    for other in (
        MachineSettings("M", PASS + " ", ROLE),
        MachineSettings("M", PASS, ROLE, "EXPRESS"),
        MachineSettings("M", PASS, ROLE, logging={"level": "ALL"}),
    ):
        assert refusal(host.machines.create, other) is RefusalReason.MACHINE_EXISTS
    assert refusal(host.machines.create, MachineSettings("M", PASS, ROLE), publish=True) is RefusalReason.MACHINE_EXISTS
    with pytest.raises(DefinitionError):
        host.machines.create(MachineSettings("Bad", "{}", ROLE))
    with pytest.raises(DefinitionError):  # what an Express workflow cannot do
        host.make({"StartAt": "A", "States": {"A": waiting(End=True)}}, "Express", type="EXPRESS")
    assert [one.name for one in host.machines.list()] == ["M"]


def test_an_update_makes_a_revision_and_executions_keep_what_they_started_with() -> None:
    host = HandHost()
    arn = host.make({"StartAt": "A", "States": {"A": waiting(End=True)}})
    running = host.run(arn)
    before = host.machines.get(arn)
    host.hand_clock.wall += 1000
    after, _ = host.machines.update(arn, definition=OTHER)
    assert after.updated == before.created + 1000
    assert after.revision_id is not None
    assert (host.machines.get(arn).definition, after.role_arn) == (OTHER, ROLE)
    assert host.machine_of(running.arn) == before
    assert host.run(arn).output == "2"
    with pytest.raises(DefinitionError):
        host.machines.update(arn, definition="{}")
    assert host.machines.get(arn) == after
    assert refusal(host.machines.update, arn + "x", definition=PASS) is RefusalReason.MACHINE_UNKNOWN


def test_a_version_is_made_of_a_revision_once() -> None:
    host = HandHost()
    record, first = host.machines.create(MachineSettings("M", PASS, ROLE), publish=True, version_description="one")
    assert first is not None
    assert (first.arn, first.description) == (f"{record.arn}:1", "one")
    assert host.machines.create(MachineSettings("M", PASS, ROLE), publish=True, version_description="one")[1] == first
    assert host.versions.publish(record.arn, description="other words") == first
    updated, second = host.machines.update(record.arn, definition=OTHER, publish=True)
    assert second is not None
    assert (second.number, second.revision_id) == (2, updated.revision_id)
    assert refusal(host.versions.publish, record.arn, revision_id="stale") is RefusalReason.REVISION_CONFLICT
    assert host.versions.publish(record.arn, revision_id=updated.revision_id) == second
    assert [one.number for one in host.versions.list(record.arn)] == [2, 1]
    old = host.machines.get(f"{record.arn}:1")
    assert (old.version, old.definition, old.description) == (1, PASS, "one")
    ran = host.run(f"{record.arn}:1", {"a": 1})
    assert (ran.version_arn, ran.machine_arn, ran.output) == (f"{record.arn}:1", record.arn, '{"a":1}')
    host.versions.delete(f"{record.arn}:1")
    host.versions.delete(f"{record.arn}:1")
    assert refusal(host.machines.get, f"{record.arn}:1") is RefusalReason.MACHINE_UNKNOWN
    assert refusal(host.start_execution, f"{record.arn}:1") is RefusalReason.MACHINE_UNKNOWN
    host.machines.update(record.arn, definition=PASS)
    assert host.versions.publish(record.arn).number == 3, "no number is used again"


def test_an_alias_routes_by_weight() -> None:
    host = HandHost()
    arn = host.machines.create(MachineSettings("M", PASS, ROLE), publish=True)[0].arn
    host.machines.update(arn, definition=OTHER, publish=True)
    routes = (AliasRoute(f"{arn}:1", 20), AliasRoute(f"{arn}:2", 80))
    alias = host.aliases.create("live", routes, "words")
    assert host.aliases.create("live", routes, "words") == alias
    assert refusal(host.aliases.create, "live", routes[:1]) is RefusalReason.ROUTES_INVALID
    assert refusal(host.aliases.create, "live", [AliasRoute(f"{arn}:1", 100)]) is RefusalReason.ALIAS_EXISTS
    assert refusal(host.aliases.create, "no", [AliasRoute(f"{arn}:7", 100)]) is RefusalReason.ROUTE_UNKNOWN
    assert refusal(host.aliases.create, "no", []) is RefusalReason.ROUTES_INVALID
    assert host.machines.get(f"{arn}:live").version == 1
    ran = [host.run(f"{arn}:live") for _ in range(200)]
    counts = Counter(one.version_arn for one in ran)
    assert 5 < counts[f"{arn}:1"] < 90
    assert {one.alias_arn for one in ran} == {alias.arn}
    assert len(host.executions(alias.arn)) == len(host.executions(arn)) == 200
    assert len(host.executions(f"{arn}:1")) == counts[f"{arn}:1"]
    assert refusal(host.versions.delete, f"{arn}:1") is RefusalReason.VERSION_IN_USE
    host.hand_clock.wall += 1000
    changed = host.aliases.update(alias.arn, routes=[AliasRoute(f"{arn}:2", 100)])
    assert (changed.description, changed.updated) == ("words", alias.created + 1000)
    assert host.aliases.get(alias.arn) == changed
    assert host.aliases.list(arn) == host.aliases.list(f"{arn}:2") == (changed,)
    assert host.aliases.list(f"{arn}:1") == ()
    host.aliases.delete(alias.arn)
    assert refusal(host.aliases.delete, alias.arn) is RefusalReason.ALIAS_UNKNOWN


def test_a_machine_that_is_deleted_is_gone_when_its_executions_are_over() -> None:
    host = HandHost()
    arn = host.make({"StartAt": "A", "States": {"A": waiting(End=True)}})
    running = host.run(arn)
    host.machines.delete(arn)
    assert host.machines.get(arn).status == "DELETING"
    assert refusal(host.start_execution, arn) is RefusalReason.MACHINE_DELETING
    assert refusal(host.machines.update, arn, definition=PASS) is RefusalReason.MACHINE_DELETING
    host.stop_execution(running.arn)
    assert refusal(host.machines.get, arn) is RefusalReason.MACHINE_UNKNOWN
    assert refusal(host.tags.of, arn) is RefusalReason.RESOURCE_UNKNOWN
    host.machines.delete(arn)
    assert host.execution(running.arn).is_over


def test_tags_are_kept_up_to_fifty() -> None:
    host = HandHost()
    arn = host.activities.create("work", {"a": "1"}).arn
    host.tags.add(arn, {"b": "2", "a": "3"})
    host.tags.remove(arn, ["b", "c"])
    assert host.tags.of(arn) == {"a": "3"}
    assert refusal(host.tags.add, arn, {str(one): "" for one in range(50)}) is RefusalReason.TOO_MANY_TAGS
    assert host.tags.of(arn) == {"a": "3"}
    assert refusal(host.tags.add, arn + "x", {}) is RefusalReason.RESOURCE_UNKNOWN

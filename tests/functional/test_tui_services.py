"""What services hold, on the screen: all of it, what the last call changed, and as at the beginning."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdebug.tasks.services.local import LocalServicesError
from sfdebug.tasks.surroundings import ServicesAt, Surroundings
from sfdebug.tui.dialogs.messages import ConfirmDialog
from sfdebug.tui.dialogs.services import ServicesDialog
from tests.moto_server import missing
from tests.tui_runs import MEDIUM, Session, opened
from tests.unit.tasks.test_surroundings import MACHINE, STATES, chain

DEFINITION = chain(STATES)
REAL = pytest.mark.skipif(bool(missing()), reason=f"moto's server mode lacks {', '.join(missing())}")


async def looked(session: Session, *keys: str) -> str:
    """What stands there once something was read."""
    await session.press(*keys)
    dialog = session.app.screen
    assert isinstance(dialog, ServicesDialog)
    await session.until(lambda: not dialog.is_reading)
    return session.text


@REAL
async def test_what_a_call_changed_and_all_that_is_there() -> None:
    surroundings = Surroundings(MACHINE, None, services=ServicesAt.LOCAL)
    try:
        async with opened(DEFINITION, {"n": 5}, tasks=surroundings, size=MEDIUM) as session:
            assert "From now on it is told what a call changes." in await looked(session, "Q")
            assert "From now on it is told what a call changes." in await looked(session, "r"), "none was made since"
            await session.press("escape", "n")
            await session.until_idle()
            assert session.message == "local services: made 1 queue, 1 topic, 1 bucket, 1 event bus, 1 table"
            text = await looked(session, "Q")
            assert "What the last call changed." in text
            assert "+           n  5" in text
            assert "All that is there now." in await looked(session, "d")
            assert "orders-table  {}" in session.text
            assert "From now on it is told" in await looked(session, "X")
            assert "n  5" not in session.text
            assert "What 1 earlier call did is not in them." in session.text
            await session.press("escape", "n")
            await session.until_idle()
            assert session.message.endswith(", 1 table; what 1 earlier call did is not in them")
    finally:
        surroundings.close()


class Elsewhere(Surroundings):
    """Services that do not answer."""

    error: Exception = LocalServicesError("nothing answers [/x]")

    def contents(self) -> object:  # type: ignore[override]
        raise self.error


async def test_what_cannot_be_read_is_said_and_only_local_ones_are_reset() -> None:
    tasks = Elsewhere(MACHINE, None, services="http://127.0.0.1:9")
    async with opened(DEFINITION, {"n": 5}, tasks=tasks, size=MEDIUM) as session:
        assert "nothing answers [/x]" in await looked(session, "Q")
        assert "local services" not in session.text
        assert "Only services on this machine can be reset." in await looked(session, "X")


async def test_what_nobody_foresaw_is_said_in_place_of_reading_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    tasks = Elsewhere(MACHINE, None, services="http://127.0.0.1:9")
    tasks.error = ValueError("out of luck [/x]")
    async with opened(DEFINITION, {"n": 5}, tasks=tasks, size=MEDIUM) as session:
        assert "ValueError: out of luck [/x]" in await looked(session, "Q")
        tasks.error = LocalServicesError("nothing answers")
        assert "nothing answers" in await looked(session, "r")


async def test_services_that_have_ended_are_not_shown_as_empty_and_begin_anew() -> None:
    surroundings = Surroundings(MACHINE, None, services=ServicesAt.LOCAL)
    try:
        async with opened(DEFINITION, {"n": 5}, tasks=surroundings, size=MEDIUM) as session:
            await session.press("n")
            await session.until_idle()
            assert surroundings.local is not None
            process = surroundings.local._process
            assert process is not None
            process.kill()
            process.wait()
            assert "the local services have gone" in await looked(session, "Q")
            assert "orders-table  {}" in await looked(session, "X")
    finally:
        surroundings.close()


async def test_without_services_the_key_says_how_to_have_them() -> None:
    async with opened(DEFINITION, {"n": 5}, size=MEDIUM) as session:
        await session.press("Q")
        assert session.message == "no services are called: --services local has them on this machine"


async def test_a_call_of_aws_is_asked_for_first() -> None:
    tasks = Surroundings(MACHINE, None, services=ServicesAt.AWS)
    assert tasks.services is not None
    tasks.services.account_of = lambda: ", account 123456789012"
    async with opened(DEFINITION, {"n": 5}, tasks=tasks, size=MEDIUM) as session:
        await session.press("n")
        assert isinstance(session.app.screen, ConfirmDialog)
        assert "sqs:sendMessage would really be called in AWS, eu-west-1" in session.text
        assert "123456789012" in session.text
        await session.press("escape")
        assert session.message == "not called"
        assert session.debugger.execution.visit_count == 1

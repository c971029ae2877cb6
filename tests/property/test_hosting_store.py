"""Killed at any moment, with any beginning of what was queued in the file: each execution in it is what the engine
makes of its decisions, whatever was committed is there, and all comes to its end in the next process."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfdebug.hosting.clock import REAL, VIRTUAL, TimePace
from sfdebug.hosting.store.store import HostStore
from tests.examples import examples
from tests.kept_hosts import KeptHost
from tests.property.test_hosting_orders import PARTS, _Calls, _World


class _KeptWorld(_World):
    """A world whose host is killed again and again."""

    def __init__(self, random: Random, pace: TimePace, parts: list[str], path: Path) -> None:
        self._path, self._pace = path, pace
        super().__init__(random, pace, parts)
        self.store.commit()

    def _made_host(self, pace: TimePace) -> KeptHost:
        return KeptHost(self._path, _Calls(), pace=pace, choose=self.random.randrange)

    def hold(self) -> None:
        """Nobody debugs here."""

    @property
    def store(self) -> HostStore:
        assert isinstance(self.host, KeptHost)
        return self.host.store

    def kill(self) -> None:
        """What was committed is told of as before; of the rest a beginning is there."""
        assert isinstance(self.host, KeptHost)
        if self.random.random() < 0.5:
            self.store.commit()
        told = {} if self.store._commit.backlog else {arn: list(events) for arn, events in self.seen.items()}
        wall = self.host.kill(self.random.randrange(self.store._commit.backlog + 1))
        self.host = KeptHost(self._path, _Calls(), pace=self._pace, choose=self.random.randrange, wall=wall)
        assert not self.host.reopened.not_taken_up
        self.seen, self.tokens, self.sent = {}, [], set()
        self.look()
        for arn, events in told.items():
            assert list(self.host.history(arn))[: len(events)] == events, "what was committed stays"


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 2**32),
    st.sampled_from([VIRTUAL, REAL, TimePace(0.2)]),
    st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=4),
)
def test_no_kill_loses_or_doubles_what_was_committed(seed: int, pace: TimePace, parts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = _KeptWorld(Random(seed), pace, parts, Path(folder) / "store")
        world.start()
        for number in range(40):
            world.act()
            if number % 8 == 7:
                world.kill()
        world.finish()
        world.store.close()

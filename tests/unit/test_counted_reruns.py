"""Second looks are counted without a word to other processes for a test that passes: tests/counted_reruns.py."""

from __future__ import annotations

from tests.counted_reruns import Counts


class _Asked:
    """A connection to the controlling process that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.count = 0

    def try_increment_suite_reruns(self, max_cap: int) -> bool:
        self.asked.append("one more")
        self.count += 1
        return self.count <= max_cap

    def get_suite_reruns(self) -> int:
        self.asked.append("all")
        return self.count


def test_only_a_failure_is_spoken_of() -> None:
    counts = Counts(asked := _Asked())
    assert counts.get_test_failures("tests/test_a.py::test_a") == 0
    counts.set_test_reruns("tests/test_a.py::test_a", 1)
    assert counts.get_suite_reruns() == 0
    assert asked.asked == []
    assert counts.try_increment_suite_reruns(1)
    assert not counts.try_increment_suite_reruns(1)
    assert counts.get_suite_reruns() == 2
    assert asked.asked == ["one more", "all", "one more", "all"]

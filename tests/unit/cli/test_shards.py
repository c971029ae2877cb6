"""Parts of many files: disjoint, together everything, and the same wherever the folder of work is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdebug.cli.shards import Shard, shard_of
from sfdebug.errors import UsageError

FILES = [Path(f"recorded/{number}/history.json") for number in range(400)]


@pytest.mark.parametrize("count", [1, 2, 3, 8, 50])
def test_parts_are_disjoint_and_together_everything(count: int) -> None:
    parts = [Shard(number, count).of(FILES, lambda file: file) for number in range(1, count + 1)]
    assert sorted(file for part in parts for file in part) == sorted(FILES)
    assert min(map(len, parts)) >= 400 // count // 4, "no part is left with next to nothing"


def test_a_part_is_the_same_on_every_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    there = [Shard(2, 3).has(file) for file in FILES]
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert [Shard(2, 3).has(file.absolute()) for file in FILES] == there
    assert [Shard(2, 3).has(f"./{file}") for file in FILES] == there
    assert [Shard(2, 3).has(file) for file in FILES[:6]] == [True, False, False, False, False, True], "no salt is in it"


@pytest.mark.parametrize("text", ["", "3", "0/8", "9/8", "1/0", "-1/2", "a/b", "1/2/3", " 1/2", "²/3", "1" * 30 + "/2"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        shard_of(text)
    assert refused.value.where == "--shard"


def test_a_part_is_read() -> None:
    assert shard_of(None) is None
    assert shard_of("3/8") == Shard(3, 8)
    assert str(Shard(3, 8)) == "3/8"

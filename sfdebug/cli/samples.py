"""The bundled samples: where they are, what each shows, and the files in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sfdebug.errors import UsageError
from sfdebug.files import samples_folder

if TYPE_CHECKING:
    from sfdebug.projects.addresses import DefinitionAddress


class Sample(Struct, frozen=True):
    """One folder of samples/: a definition, its input and its mock file, and what it shows; `to_watch` are a few
    sentences on what to look at first."""

    name: str
    folder: Path
    title: str
    definition: Path
    input: Path
    mocks: Path
    case: str
    machine: str = ""
    to_watch: tuple[str, ...] = ()

    @property
    def address(self) -> DefinitionAddress:
        """Where its definition is."""
        from sfdebug.projects.addresses import DefinitionAddress

        return DefinitionAddress(str(self.definition), self.machine)


class RecordedSample(Struct, frozen=True):
    """One folder of samples/ with a recorded execution: its history, and what it shows."""

    name: str
    title: str
    history: Path
    to_watch: tuple[str, ...]


def all_samples() -> list[Sample]:
    """The bundled samples in the order in which they are best looked at."""
    folder = samples_folder()
    return [_sample(folder / name, about) for name, about in _index(folder).items() if "definition" in about]


def recorded_samples() -> dict[str, RecordedSample]:
    """The bundled recorded executions, by their names."""
    folder = samples_folder()
    return {
        name: RecordedSample(name, about["title"], folder / name / about["recording"], tuple(about["watch"]))
        for name, about in _index(folder).items()
        if "recording" in about
    }


def sample_names() -> tuple[str, ...]:
    """The names of all of them, in the order in which they are best looked at."""
    return tuple(_index(samples_folder()))


def _index(folder: Path) -> dict[str, dict[str, Any]]:
    """What is known of each folder: one has a definition, or a recording."""
    index: dict[str, dict[str, Any]] = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return index


def find_sample(name: str) -> Sample:
    """The sample called `name`. Raises UsageError when there is none."""
    samples = {sample.name: sample for sample in all_samples()}
    if name not in samples:
        from difflib import get_close_matches

        names = sample_names()
        match = get_close_matches(name.casefold(), names, n=1)
        fix = f"Did you mean '{match[0]}'?" if match else f"There are: {', '.join(names)}."
        raise UsageError(f"there is no sample '{name}'", fix=fix)
    return samples[name]


def _sample(folder: Path, about: dict[str, Any]) -> Sample:
    return Sample(
        name=folder.name,
        folder=folder,
        title=about["title"],
        definition=folder / about["definition"],
        input=folder / about["input"],
        mocks=folder / "MockConfigFile.json",
        case=about["case"],
        machine=about.get("machine", ""),
        to_watch=tuple(about["watch"]),
    )


def case_inputs(sample: Sample) -> dict[str, Path]:
    """The file of the input of each of a sample's test cases, as its `expected.json` says."""
    try:
        expected = json.loads((sample.folder / "expected.json").read_text(encoding="utf-8"))
        return {one["case"]: sample.folder / one["input"] for one in expected}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def what_to_watch(path: str) -> tuple[str, ...]:
    """What there is to watch in the bundled sample that a file or folder is of; nothing in what is of none."""
    folder = samples_folder().resolve()
    found = Path(path).resolve()
    if not found.is_relative_to(folder) or found == folder:
        return ()
    about = _index(folder).get(found.relative_to(folder).parts[0], {})
    return tuple(about.get("watch", ()))

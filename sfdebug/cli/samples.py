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
    """One folder of samples/: a definition, its input and its mock file, and what it shows."""

    name: str
    folder: Path
    title: str
    definition: Path
    input: Path
    mocks: Path
    case: str
    machine: str = ""

    @property
    def address(self) -> DefinitionAddress:
        """Where its definition is."""
        from sfdebug.projects.addresses import DefinitionAddress

        return DefinitionAddress(str(self.definition), self.machine)


def all_samples() -> list[Sample]:
    """The bundled samples in the order in which they are best looked at."""
    folder = samples_folder()
    names = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return [_sample(folder / name, about) for name, about in names.items()]


def find_sample(name: str) -> Sample:
    """The sample called `name`. Raises UsageError when there is none."""
    samples = {sample.name: sample for sample in all_samples()}
    if name not in samples:
        from difflib import get_close_matches

        match = get_close_matches(name.casefold(), samples, n=1)
        fix = f"Did you mean '{match[0]}'?" if match else f"There are: {', '.join(samples)}."
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
    )


def case_inputs(sample: Sample) -> dict[str, Path]:
    """The file of the input of each of a sample's test cases, as its `expected.json` says."""
    try:
        expected = json.loads((sample.folder / "expected.json").read_text(encoding="utf-8"))
        return {one["case"]: sample.folder / one["input"] for one in expected}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def points_to_watch(sample: Sample) -> tuple[str, ...]:
    """What there is to watch in a sample: the points of its README, without their marks."""
    try:
        text = (sample.folder / "README.md").read_text(encoding="utf-8")
    except OSError:
        return ()
    points: list[str] = []
    for line in text.partition("What to watch:")[2].splitlines():
        if line.startswith("- "):
            points.append(line[2:])
        elif line.startswith("  ") and points:
            points[-1] += f" {line.strip()}"
        elif points and line.strip():
            break
    return tuple(point.replace("**", "").replace("`", "") for point in points)

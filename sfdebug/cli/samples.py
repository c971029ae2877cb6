"""The bundled samples: where they are, what each shows, and the files in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from msgspec import Struct

from sfdebug.errors import UsageError


class Sample(Struct, frozen=True):
    """One folder of samples/: a definition, its input and its mock file, and what it shows."""

    name: str
    folder: Path
    title: str
    definition: Path
    input: Path
    mocks: Path
    case: str


def samples_folder() -> Path:
    """Where the samples are: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "samples"
    return installed if installed.is_dir() else package.parent / "samples"


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
    )

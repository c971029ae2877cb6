"""Drawings of the README that `sfdebug graph` writes: large workflows beside dot's and Mermaid's, and what changed.

The workflows are those of `../shared/workflows`, where they are beside the checkout. dot comes with pygraphviz, a
package for development. Mermaid draws in a browser: Chromium on the PATH, and SFDEBUG_MERMAID with the folder in which
npm has installed mermaid. What is not there is said, and its pictures stay as they are.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from sfdebug.cli.main import main
from sfdebug.cli.samples import find_sample

WORKFLOWS: Final = Path(__file__).resolve().parents[2] / "shared" / "workflows"
SHOWN: Final = {
    "evaluations": "bedrock-evaluations-sam_statemachine_statemachine.asl.json",
    "isolation": "ec2-instance-isolation-sam_statemachine_statemachine.asl.json",
    "lock": "app-control-concurrency-with-dynamodb-tf_statemachines_statemachine.asl.json",
}
"""Three of the largest, by the names of their pictures: a long one, one with loops, one with containers."""

_HEADLESS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--window-size=1600,4000",
    "--virtual-time-budget=10000",
)  # fmt: skip
_PAGE: Final = """\
<!doctype html><meta charset="utf-8"><body><pre class="mermaid">{source}</pre>
<script src="{script}"></script>
<script>mermaid.initialize({{startOnLoad: true, flowchart: {{useMaxWidth: false}}}});</script></body>
"""
_DRAWN: Final = re.compile(r"<svg id=\"mermaid.*?</svg>", re.DOTALL)


def written(*arguments: str) -> str:
    """What `sfdebug graph` writes."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "graph")
        main(["graph", *arguments, "-o", str(file)])
        return file.read_text(encoding="utf-8")


def ours(source: str) -> str:
    """The drawing as sfdebug makes it."""
    return written(source, "-f", "svg", "--theme", "light")


def by_dot(source: str) -> str:
    """The same as dot draws it. Raises ImportError without pygraphviz."""
    import pygraphviz

    drawn = pygraphviz.AGraph(string=written(source, "-f", "dot")).draw(format="svg", prog="dot")
    return drawn.decode() if isinstance(drawn, bytes) else str(drawn)


def by_mermaid(source: str) -> str:
    """The same as Mermaid draws it. Raises LookupError without a browser, or without Mermaid."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    script = Path(os.environ.get("SFDEBUG_MERMAID", ""), "node_modules", "mermaid", "dist", "mermaid.min.js").resolve()
    if browser is None or not script.is_file():
        raise LookupError("Mermaid draws in a browser: Chromium, and SFDEBUG_MERMAID with npm's mermaid in it")
    with tempfile.TemporaryDirectory() as place:
        page = Path(place, "page.html")
        text = html.escape(written(source, "-f", "mermaid"))
        page.write_text(_PAGE.format(source=text, script=script.as_uri()), encoding="utf-8")
        done = subprocess.run(
            [browser, *_HEADLESS, "--dump-dom", page.as_uri()], capture_output=True, encoding="utf-8", check=True
        )
    found = _DRAWN.search(done.stdout)
    if found is None:
        raise LookupError("Mermaid has drawn nothing")
    return re.sub(r"<(br|hr)>", r"<\1/>", found[0]).replace("&nbsp;", "&#160;")


WAYS: Final[dict[str, Callable[[str], str]]] = {"sfdebug": ours, "dot": by_dot, "mermaid": by_mermaid}


def side_by_side(folder: Path) -> Iterator[str]:
    """Write each workflow in each way; the pictures written, and what could not be."""
    for name, file in SHOWN.items():
        source = WORKFLOWS / file
        if not source.is_file():
            yield f"{name}: {source} is not there"
            continue
        for way, draw in WAYS.items():
            picture = folder / f"sheet-{name}-{way}.svg"
            try:
                picture.write_text(steady(draw(str(source))), encoding="utf-8")
            except (ImportError, LookupError) as error:
                yield f"{picture}: stays as it is: {error}"
            else:
                yield str(picture)


def changed(folder: Path) -> Iterator[str]:
    """Write what a pull request might change in the order sample."""
    before = str(find_sample("order").definition)
    picture = folder / "graph-change.svg"
    with tempfile.TemporaryDirectory() as place:
        after = Path(place, "order.asl.json")
        after.write_text(json.dumps(mended(json.loads(Path(before).read_text(encoding="utf-8")))), encoding="utf-8")
        picture.write_text(written(before, str(after), "-f", "svg"), encoding="utf-8")
    yield str(picture)


def mended(definition: dict[str, Any]) -> dict[str, Any]:
    """The order sample with a state more, one less, and more attempts."""
    states = definition["States"]
    states["Check stock"]["Next"] = "Weigh parcel"
    states["Weigh parcel"] = {"Type": "Pass", "Next": "All in stock?"}
    states["Charge card"]["Retry"][0]["MaxAttempts"] = 5
    states["Ship order"]["Next"] = "Order shipped"
    del states["Tell: shipped"]
    return definition


def steady(drawn: str) -> str:
    """Without what is another in every run, and what nobody sees: an unchanged drawing gives an equal file."""
    drawn = re.sub(r' data-points="[^"]*"', "", drawn)
    drawn = re.sub(r"(\d\.\d\d)\d+", r"\1", drawn)
    return re.sub(r"mermaid-\d{6,}", "mermaid-drawing", drawn).rstrip() + "\n"


def write(folder: Path) -> None:
    """Write all of them, and say so."""
    for line in (*changed(folder), *side_by_side(folder)):
        print(line)


if __name__ == "__main__":
    parser = ArgumentParser(prog="graph_sheets", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/pictures"))
    write(parser.parse_args().folder)

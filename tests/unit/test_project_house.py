"""The script that counts the house: what it calls an import, a name, a module touched."""

from __future__ import annotations

import textwrap
from pathlib import Path

from bench.house import circles, size, sources
from bench.walks import walk


def test_circles_go_through_annotations_and_functions() -> None:
    texts = {
        "sfdebug": "from sfdebug.a import A",
        "sfdebug.a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sfdebug import b",
        "sfdebug.b": "def late():\n    import sfdebug.c",
        "sfdebug.c": "from sfdebug.a import A",
        "sfdebug.d": "from sfdebug.e import x\nimport json",
        "sfdebug.e": "import sfdebug.d",
        "sfdebug.f": "from sfdebug import a",
    }
    assert circles(texts) == [["sfdebug.a", "sfdebug.b", "sfdebug.c"], ["sfdebug.d", "sfdebug.e"]]


def test_size_counts_what_a_module_defines() -> None:
    one = """\
        import json
        X, _Y = 1, 2
        z: int
        if json:
            def made(): ...
        class A:
            inner = 1
            class B: ...
        def _own(): ...
        """
    found = size(
        {"sfdebug.one": textwrap.dedent(one), "sfdebug.two": "class B: ...\n" + "def f():\n" + "    f()\n" * 50}
    )
    assert (found.files, found.lines, found.public_names, found.classes) == (2, 61, 6, 3)
    assert found.repeated_classes == {"B": ["sfdebug.one", "sfdebug.two"]}
    assert (found.long_classes, found.long_functions) == ({}, {"sfdebug.two:f": 51})


def test_a_walk_tells_what_ran_from_what_was_loaded(root: Path) -> None:
    found = walk(root, "load a definition")
    assert set(found.touched) <= set(sources(root))
    assert 0 < len(found.touched) < found.imported


def test_no_module_imports_itself_by_way_of_others(root: Path) -> None:
    """Annotations and imports inside of functions count: a circle is modules that cannot be read one by one."""
    assert circles(sources(root)) == []

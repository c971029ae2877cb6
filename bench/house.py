"""`python -m bench.house [ROOT] [--json]`: counts the house, so that two trees can be compared by one script.

What is counted: the size of the package, class names that stand twice, import circles (annotations and imports inside
of functions included), and the modules on four walks: loading a definition, one step, opening a recording, a key. The
walks go through what stays where folders move: the public names of `sfdebug` and its command line. A module is touched
by a walk when a function that stands in it ran: to be imported is not enough, and what `dataclass` generates stands in
no file. No clock is read.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench.walks import WALKS, Walk, walk

PACKAGE: Final = "sfdebug"
LONG_CLASS: Final = 300
LONG_FUNCTION: Final = 50
_HERE: Final = Path(__file__).resolve().parents[1]
_CLASS_LINE: Final = re.compile(r"^[ \t]*class (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Size:
    """How much there is to hold in mind. The long ones are `module:name`, with their lines."""

    lines: int
    files: int
    public_names: int
    classes: int
    repeated_classes: dict[str, list[str]]
    long_classes: dict[str, int]
    long_functions: dict[str, int]


# What stands in the text


def sources(root: Path) -> dict[str, str]:
    """The text of each module of the package, by the module's name; a package has that of its `__init__`."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


def size(texts: Mapping[str, str]) -> Size:
    """Count what the modules hold."""
    long_classes, long_functions, public, count = {}, {}, 0, 0
    for module, text in texts.items():
        tree = ast.parse(text)
        public += sum(not name.startswith("_") for name in set(_defined(tree.body)))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                count += 1
                if _length(node) > LONG_CLASS:
                    long_classes[f"{module}:{node.name}"] = _length(node)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _length(node) > LONG_FUNCTION:
                long_functions[f"{module}:{node.name}"] = _length(node)
    lines = sum(len(text.splitlines()) for text in texts.values())
    return Size(lines, len(texts), public, count, repeated_classes(texts), long_classes, long_functions)


def repeated_classes(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """The class names that stand twice or more, public or not, each with its modules.

    A class that stands in another one is left out, and what stands in it: it is addressed by its owner
    (`GraphView.Refused`), which tells it from others. Only modules with a line that may begin such a class are parsed,
    which is what takes long.
    """
    lines: dict[str, list[str]] = defaultdict(list)
    for module, text in texts.items():
        for name in _CLASS_LINE.findall(text):
            lines[name].append(module)
    asked = sorted({module for homes in lines.values() if len(homes) > 1 for module in homes})
    found: dict[str, list[str]] = defaultdict(list)
    for module in asked:
        for node in _statements(ast.parse(texts[module]), ast.ClassDef):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(module)
    return {name: homes for name, homes in sorted(found.items()) if len(homes) > 1}


def _statements(node: ast.AST, *closed: type[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements in it, but those in the statements of the kinds that are closed. No expression is looked into."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.stmt):
            yield inner
        if isinstance(inner, ast.stmt | ast.excepthandler | ast.match_case) and not isinstance(inner, closed):
            yield from _statements(inner, *closed)


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _defined(body: list[ast.stmt]) -> Iterator[str]:
    """The names that a module defines, its imports left out."""
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from (
                    part.id
                    for part in ast.walk(target)
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
                )
        elif isinstance(node, (ast.If, ast.Try)):
            yield from _defined([*node.body, *node.orelse])


def circles(texts: Mapping[str, str]) -> list[list[str]]:
    """The sets of modules of which each imports all others, by whatever ways: the largest first.

    That Python loads a package before its modules is no import.
    """
    imports = {module: set(_imported(ast.parse(text), texts)) - {module} for module, text in texts.items()}
    reached = {module: _reached(module, imports) for module in imports}
    found = {frozenset(other for other in reached[module] if module in reached[other]) for module in imports}
    return sorted((sorted(circle) for circle in found if circle), key=lambda circle: (-len(circle), circle))


def _imported(tree: ast.Module, modules: Mapping[str, str]) -> Iterator[str]:
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports are not followed"
            for alias in node.names:
                for name in (f"{node.module}.{alias.name}", node.module or ""):
                    if name in modules:
                        yield name
                        break


def _reached(start: str, imports: Mapping[str, set[str]]) -> set[str]:
    """All that can be come to by one import or more."""
    reached: set[str] = set()
    ahead = list(imports[start])
    while ahead:
        module = ahead.pop()
        if module not in reached:
            reached.add(module)
            ahead += imports[module]
    return reached


# The report


def text(size: Size, circles: list[list[str]], walks: dict[str, Walk]) -> str:
    """The numbers as a table, and below them the names that are behind them."""
    long_classes, long_functions = size.long_classes, size.long_functions
    rows = {
        "lines": size.lines,
        "files": size.files,
        "public names": size.public_names,
        "classes": size.classes,
        "class names that stand twice or more": len(size.repeated_classes),
        f"classes of more than {LONG_CLASS} lines": len(long_classes),
        f"functions of more than {LONG_FUNCTION} lines": len(long_functions),
        "import circles": len(circles),
        "modules in import circles": sum(map(len, circles)),
    }
    lines = [f"{what:<40}{number:>8,}" for what, number in rows.items()]
    lines += ["", f"{'modules on a walk':<40}{'touched':>8}{'loaded':>8}  touched, by room"]
    lines += [f"{name:<40}{len(on.touched):>8}{on.imported:>8}  {on.rooms()}" for name, on in walks.items()]
    lines += ["", "class names that stand twice or more"]
    lines += [f"  {name}: {', '.join(homes)}" for name, homes in size.repeated_classes.items()]
    lines += ["", f"classes of more than {LONG_CLASS} lines, functions of more than {LONG_FUNCTION}"]
    lines += [f"  {name}: {length}" for name, length in (long_classes | long_functions).items()]
    lines += ["", "import circles"]
    lines += [f"  {len(circle)}: {', '.join(circle)}" for circle in circles]
    return "\n".join(lines)


def main() -> None:
    """Count, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.house", description="Counts the house.")
    parser.add_argument("root", nargs="?", type=Path, default=_HERE, help="the tree to count (default: this one)")
    parser.add_argument("--json", action="store_true", help="print all of it, with the names of the modules touched")
    args = parser.parse_args()
    texts = sources(args.root)
    if not texts:
        parser.error(f"there is no package {PACKAGE} in {args.root}")
    sizes, found, walks = size(texts), circles(texts), {name: walk(args.root.resolve(), name) for name in WALKS}
    if args.json:
        on_walks = {name: asdict(on) for name, on in walks.items()}
        print(json.dumps({"size": asdict(sizes), "circles": found, "walks": on_walks}, indent=2))
    else:
        print(text(sizes, found, walks))


if __name__ == "__main__":
    main()

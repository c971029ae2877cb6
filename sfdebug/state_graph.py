"""A definition as a networkx graph: what leads where, to be asked for reachability, loops, dominators, longest paths.

The drawing (`sfdebug.drawing`) needs none of it: networkx is loaded by whoever asks for the graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import networkx as nx

from sfdebug.asl.definition import StateType
from sfdebug.asl.load import Definition
from sfdebug.drawing.elements import EdgeKind
from sfdebug.drawing.labels import short_condition
from sfdebug.projects.addresses import load

if TYPE_CHECKING:
    from sfdebug.asl.definition import Scope, State, StatePath

_LEFT: Final = -1
"""The last part of the key of where a container is left: no branch has this index."""

_ENDS: Final = (StateType.SUCCEED, StateType.FAIL)


def graph(definition: Definition) -> nx.MultiDiGraph[Any]:
    """The states and transitions of a definition as a `networkx.MultiDiGraph`.

    **Nodes** are state paths: `("Charge",)`, or within containers `("Fan out", 1, "Resize")`, the second branch's
    state. A Parallel, a Map and the machine itself have two nodes, so that a way through them leads through their
    content: the path is where they are entered, and the path followed by -1, `("Fan out", -1)`, where they are left.
    The machine's are `()` and `(-1,)`, and stand in `graph.graph["start"]` and `graph.graph["end"]`.

    Each node has these attributes:

    - `name`: the state's name, "" for the machine.
    - `type`: the state's type, "" for the machine.
    - `scope`: the path of its scope: `()`, or a container's with the index of the branch. None for the machine.
    - `container`: the path of the container that it is in, `()` at the top. None for the machine.
    - `is_start`: whether its scope starts there (StartAt).
    - `is_end`: whether its scope can end there: End, Succeed or Fail.
    - `exit`: the node where a container, or the machine, is left. None for all others.
    - `is_exit`: whether it is such a node.

    **Edges** are transitions, with keys like "next", "choice 0", "catch 1" and these attributes:

    - `kind`: "start" leads from a container to the StartAt of a branch, "end" from an end of it to where the container
      is left (from a Fail too: what then becomes of it is up to Catch, Retry and ToleratedFailure), "empty" through a
      Map that has no items; "next", "choice", "default" and "catch" are what the States Language calls so.
    - `index`: which Choice rule, Catcher or branch, from 0; None for the others.
    - `condition`: the condition of a Choice rule in one line, "" for the others.
    - `errors`: the error names of a Catcher, () for the others.

    A Retry makes no edge: the state is not left. Nor does a Parallel or Map that fails before its first branch starts.

    Args:
        definition: A path, a text in JSON or YAML, a dict, or a loaded definition.

    Returns:
        A graph of its own, which the caller may change.

    Raises:
        DefinitionError: When it cannot be read, or is no valid definition.
        UsageError: For what is no definition at all.
    """
    machine = load(definition)
    found: nx.MultiDiGraph[Any] = nx.MultiDiGraph(start=(), end=(_LEFT,))
    own = {"name": "", "type": "", "scope": None, "container": None, "is_start": False, "is_end": False}
    _add_container(found, (), own)
    _add_scope(found, machine.scope, (), 0)
    return found


def _add_container(graph: nx.MultiDiGraph[Any], path: StatePath, own: dict[str, Any]) -> None:
    left = (*path, _LEFT)
    graph.add_node(path, **own, exit=left, is_exit=False)
    graph.add_node(left, **{**own, "is_start": False}, exit=None, is_exit=True)


def _add_scope(graph: nx.MultiDiGraph[Any], scope: Scope, container: StatePath, index: int) -> None:
    for state in scope.states.values():
        own: dict[str, Any] = {
            "name": state.name,
            "type": state.type.value,
            "scope": scope.path,
            "container": container,
        }
        own |= {"is_start": state.name == scope.start_at, "is_end": state.end or state.type in _ENDS}
        if not state.is_container:
            graph.add_node(state.path, **own, exit=None, is_exit=False)
            continue
        _add_container(graph, state.path, own)
        for number, branch in enumerate(state.branches):
            _add_scope(graph, branch, state.path, number)
        if state.type is StateType.MAP:
            _add_edge(graph, state.path, (*state.path, _LEFT), EdgeKind.EMPTY)
    _add_edge(graph, container, (*scope.path, scope.start_at), EdgeKind.START, index)
    for state in scope.states.values():
        _add_transitions(graph, scope, container, state)


def _add_transitions(graph: nx.MultiDiGraph[Any], scope: Scope, container: StatePath, state: State) -> None:
    source = graph.nodes[state.path]["exit"] or state.path
    if state.next is not None:
        _add_edge(graph, source, (*scope.path, state.next), EdgeKind.NEXT)
    for rule in state.choices:
        target = (*scope.path, rule.next)
        _add_edge(graph, source, target, EdgeKind.CHOICE, rule.index, condition=short_condition(rule.fields))
    if state.default is not None:
        _add_edge(graph, source, (*scope.path, state.default), EdgeKind.DEFAULT)
    for catcher in state.catchers:
        target = (*scope.path, catcher.next)
        _add_edge(graph, source, target, EdgeKind.CATCH, catcher.index, errors=catcher.error_equals)
    if graph.nodes[source]["is_end"]:
        _add_edge(graph, source, (*container, _LEFT), EdgeKind.END)


def _add_edge(
    graph: nx.MultiDiGraph[Any],
    source: StatePath,
    target: StatePath,
    kind: EdgeKind,
    index: int | None = None,
    *,
    condition: str = "",
    errors: tuple[str, ...] = (),
) -> None:
    key = kind.value if index is None else f"{kind} {index}"
    graph.add_edge(source, target, key, kind=kind.value, index=index, condition=condition, errors=errors)
